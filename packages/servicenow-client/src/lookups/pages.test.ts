import { describe, expect, it } from '@jest/globals'
import { isClientProblem } from '../problems/codes.ts'
import { MAX_PAGES, type Page, pageOf, type Row, readPages, whole } from './pages.ts'

const LIMIT = 100
const rowsOf = (count: number): Row[] => Array.from({ length: count }, (_, n) => ({ sys_id: `id-${n}` }))

/** A list of so many rows, as a resource returns it page by page. */
function list(count: number, about: (offset: number) => Partial<Page> = () => ({}), skip = (n: number) => n) {
  const all = rowsOf(count)
  const offsets: number[] = []
  const read = async (offset: number): Promise<Page> => {
    offsets.push(offset)
    const rows = all.slice(skip(offset), skip(offset) + LIMIT)
    return { rows, total: undefined, next: undefined, ...about(offset) }
  }
  return { result: readPages(LIMIT, read), offsets }
}

const ids = (rows: readonly Row[]) => rows.map(row => row.sys_id)

describe('a list', () => {
  it.each([0, 1, 99])('of %i rows is one request', async count => {
    const { result, offsets } = list(count)
    expect(await result).toEqual({ rows: rowsOf(count), hidden: false, cut: false })
    expect(offsets).toEqual([0])
  })

  it('of exactly one page is one request where the total is known', async () => {
    const { result, offsets } = list(100, () => ({ total: 100 }))
    expect((await result).rows).toHaveLength(100)
    expect(offsets).toEqual([0])
  })

  it.each<[string, (offset: number) => Partial<Page>]>([
    ['the total', () => ({ total: 250 })],
    ['the link to the next page', offset => ({ next: offset < 200 })],
    ['full pages', () => ({})]
  ])('is followed to its end by %s', async (_, about) => {
    const { result, offsets } = list(250, about)
    const { rows, cut, hidden } = await result
    expect(ids(rows)).toEqual(ids(rowsOf(250)))
    expect({ cut, hidden, offsets }).toEqual({ cut: false, hidden: false, offsets: [0, 100, 200] })
  })

  it('whose offset is one too low holds each row once', async () => {
    const { result, offsets } = list(
      250,
      () => ({}),
      offset => Math.max(offset - 1, 0)
    )
    expect(ids((await result).rows)).toEqual(ids(rowsOf(250)))
    expect(offsets).toEqual([0, 100, 200])
  })

  it('goes on after a page of which nothing may be read', async () => {
    const { result } = list(150, offset => ({ total: 150, ...(offset === 0 ? { rows: [] } : {}) }))
    expect(await result).toEqual({ rows: rowsOf(150).slice(100), hidden: true, cut: false })
  })

  it('that is longer than a page without being asked is whole', async () => {
    const { result, offsets } = list(0, () => ({ rows: rowsOf(130) }))
    expect(await result).toMatchObject({ cut: false, rows: { length: 130 } })
    expect(offsets).toEqual([0])
  })

  it('that does not follow the offset is not whole', async () => {
    const { result, offsets } = list(0, () => ({ rows: rowsOf(100) }))
    expect(await result).toMatchObject({ cut: true, rows: { length: 100 } })
    expect(offsets).toEqual([0, 100])
  })

  it('is read up to a maximum, and is not whole then', async () => {
    const { result, offsets } = list(5_000)
    const found = await result
    expect(found).toMatchObject({ cut: true, rows: { length: 1_000 } })
    expect(offsets).toHaveLength(MAX_PAGES)
    expect(() => whole(found, 'reading things')).toThrow(
      expect.objectContaining({ code: 'list-cut', facts: { operation: 'reading things', read: 1_000 } })
    )
  })

  it('that is whole is returned', () => {
    expect(whole({ rows: rowsOf(2), hidden: false, cut: false }, 'reading things')).toEqual(rowsOf(2))
  })
})

it('the headers of a page say how many rows match, and whether there is a next page', () => {
  const link = (rel: string) => `<https://acme.service-now.com/api?sysparm_offset=100>;rel="${rel}"`
  expect(pageOf([], { 'x-total-count': '250', link: `${link('first')},${link('next')}` })).toEqual({
    rows: [],
    total: 250,
    next: true
  })
  expect(pageOf([], { 'x-total-count': 'many', link: link('last') })).toMatchObject({
    total: undefined,
    next: false
  })
  expect(pageOf([], {})).toMatchObject({ total: undefined, next: undefined })
})

it('a list that was cut is a problem that no retry solves', () => {
  try {
    whole({ rows: [], hidden: false, cut: true }, 'reading things')
  } catch (error) {
    expect(isClientProblem(error, 'list-cut') && error.retry.temporary).toBe(false)
  }
  expect.assertions(1)
})
