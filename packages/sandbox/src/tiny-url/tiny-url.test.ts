import { afterEach, beforeEach, expect, it } from '@jest/globals'
import { type Sandbox, startSandbox } from '../sandbox.ts'
import { as, newChange, TABLE } from '../testing/caller.ts'

let sandbox: Sandbox

beforeEach(async () => {
  sandbox = await startSandbox()
})

afterEach(() => sandbox.stop())

const TINY = '/api/now/tinyurl'

it('keeps a query that is too long for an address, and lists run it', async () => {
  await newChange(sandbox, { short_description: 'one' })
  await newChange(sandbox, { short_description: 'two' })
  const ids = Array.from({ length: 1000 }, (_, index) => `CHG${String(index).padStart(29, '0')}`)
  const query = new URLSearchParams({
    sysparm_query: `numberIN${ids.join(',')}^ORshort_description=two`,
    sysparm_fields: 'number,short_description'
  })
  const url = `${sandbox.url}${TABLE}/change_request?${query}`
  expect((await fetch(url)).status).toBe(414)
  const created = await as(sandbox).post(TINY, { url })
  const result = String(created.at('result'))
  expect(result).toMatch(/^change_request_list\.do\?sysparm_tiny=[0-9a-f]{32}$/)
  expect((await as(sandbox).post(TINY, { url })).at('result')).toBe(result)
  const key = new URLSearchParams(result.split('?')[1]).get('sysparm_tiny')
  const list = await as(sandbox).get(`${TABLE}/change_request?sysparm_tiny=${key}&sysparm_fields=number`)
  expect(list.at('result')).toEqual([{ number: 'CHG0030002' }])
})

it('refuses what is no address with a query, and keys that were not created', async () => {
  for (const body of [{}, { url: 'change_request' }, { url: null }]) {
    expect((await as(sandbox).post(TINY, body)).status).toBe(400)
  }
  expect((await as(sandbox).get(TINY)).status).toBe(405)
  const unknown = await as(sandbox).get(`${TABLE}/change_request?sysparm_tiny=0`)
  expect([unknown.status, unknown.at('error', 'message')]).toEqual([404, 'No Record found'])
})
