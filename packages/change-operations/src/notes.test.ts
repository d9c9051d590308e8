import { fieldOf } from '@change-actions/servicenow-client'
import { beforeEach, describe, expect, it } from '@jest/globals'
import { addNote, hasNote, type Note } from './notes.ts'
import { contextOn, problemOf } from './testing/context.ts'
import { startInstance, type TestInstance } from './testing/instance.ts'

let instance: TestInstance
beforeEach(() => {
  instance = startInstance()
})

const MARKER = '[gha 0123456789ab]'
const lines = (count: number) =>
  Array.from({ length: count }, (_, n) => `line ${n} ${'x'.repeat(60)}`).join('\n')
const notes = () => instance.sandbox.journal('CHG0030001').map(one => one.text)

/** The notes without their markers, in the order they were written. */
const texts = () => notes().map(text => text.replace(/\n?\[gha [0-9a-f]{12}\]$/, ''))

/** The instance keeps so many characters of each entry of a journal. */
function keepOnly(characters: number): void {
  instance.sandbox.addRule({
    name: 'Short journals',
    table: 'change_request',
    run: ({ notes: { work_notes: text = '' } }) =>
      text.length <= characters ? undefined : { work_notes: text.slice(0, characters) }
  })
}

/** The instance refuses every write from now on. Returns what ends that. */
function refuseWrites(): () => void {
  const run = () => {
    throw new Error('no')
  }
  return instance.sandbox.addRule({ name: 'No writes', table: 'change_request', run })
}

describe('a note', () => {
  const add = async (note: Note) => addNote(contextOn(instance), await instance.add(), note)

  it('of any length is written whole, in parts that end with a line', async () => {
    const text = lines(600)
    const after = await add({ text, marker: MARKER })
    expect(texts().join('\n')).toBe(text)
    expect(texts()).toHaveLength(3)
    expect(hasNote(after, { text, marker: MARKER })).toBe(true)
    expect(notes().filter(one => one.includes(MARKER))).toHaveLength(1)
  })

  it('without a line break is divided all the same, and never within a sign', async () => {
    const text = '😀'.repeat(12_000)
    await add({ text, marker: MARKER })
    expect(texts().join('')).toBe(text)
    expect(notes().join('')).not.toMatch(/\p{Cs}/u)
  })

  it.each([4_000, 1_000])('is written whole where the instance keeps %i characters', async kept => {
    keepOnly(kept)
    const text = lines(150)
    await add({ text, marker: MARKER })
    for (const line of text.split('\n')) expect(notes().some(one => one.includes(`${line}\n`))).toBe(true)
    expect(notes().at(-1)).toContain(MARKER)
    for (const one of notes().slice(1)) expect(one).toMatch(/\[gha [0-9a-f]{12}\]$/)
  })

  it('that was stopped half way is completed, and nothing is written twice', async () => {
    keepOnly(4_000)
    const note = { text: lines(300), marker: MARKER }
    const change = await instance.add()
    let end: (() => void) | undefined
    const stop = instance.sandbox.onRequest(() => {
      if (notes().length === 2) end ??= refuseWrites()
    })
    await problemOf(addNote(contextOn(instance), change, note), 'business-rule')
    expect(notes()).toHaveLength(2)
    stop()
    end?.()
    const { client } = contextOn(instance)
    await addNote(contextOn(instance), await client.changes.get(change.sysId), note)
    expect(new Set(notes()).size).toBe(notes().length)
    for (const line of note.text.split('\n'))
      expect(notes().some(one => one.includes(`${line}\n`))).toBe(true)
    const again = await client.changes.get(change.sysId)
    const count = notes().length
    await addNote(contextOn(instance), again, note)
    expect(notes()).toHaveLength(count)
  })

  it('that begins like another one is written whole', async () => {
    const start = lines(10)
    const first = await add({ text: `${start}\nfirst`, marker: '[gha 111111111111]' })
    await addNote(contextOn(instance), first, { text: `${start}\nsecond`, marker: MARKER })
    expect(texts()).toEqual([`${start}\nfirst`, `${start}\nsecond`])
  })

  it('is divided into short ones where the journal cannot be read', async () => {
    const change = await instance.add()
    const { work_notes: _, ...fields } = change.fields
    await addNote(contextOn(instance), { ...change, fields }, { text: lines(150), marker: MARKER }).catch(
      () => undefined
    )
    expect(notes()[0]?.length).toBeLessThanOrEqual(4_000)
  })
})

it('the journal of a change holds all parts', async () => {
  const change = await instance.add()
  const after = await addNote(contextOn(instance), change, { text: lines(600), marker: MARKER })
  expect(fieldOf(after.fields, 'work_notes').display).toContain('line 599')
})
