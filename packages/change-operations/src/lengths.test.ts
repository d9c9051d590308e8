import { beforeEach, describe, expect, it } from '@jest/globals'
import { contextOn, problemOf } from './testing/context.ts'
import { createOn, GIVEN } from './testing/creation.ts'
import { APIS, startInstance, type TestInstance } from './testing/instance.ts'
import { updateChange } from './update.ts'

const LOOK_UP = /^look-up sys_dictionary /
let instance: TestInstance

const lookUps = () => instance.log.filter(line => LOOK_UP.test(line))
const titled = (length: number) => ({ ...GIVEN, short_description: 'x'.repeat(length) })

describe.each(APIS)('a text that is too long (%s)', api => {
  beforeEach(() => {
    instance = startInstance({ api })
  })

  it.each([false, true])(
    'is refused before anything is created, with both lengths (dry run: %s)',
    async dryRun => {
      const given = { ...titled(161), description: 'y'.repeat(4_001), backout_plan: 'z'.repeat(4_000) }
      const { facts } = await problemOf(createOn(instance, { given }, {}, dryRun), 'too-long')
      expect(facts).toEqual({
        fields: [
          { field: 'short_description', length: 161, max: 160 },
          { field: 'description', length: 4_001, max: 4_000 }
        ]
      })
      expect(instance.writes).toEqual([])
      expect(lookUps()).toHaveLength(1)
    }
  )

  it.each([false, true])('is refused before anything is updated (dry run: %s)', async dryRun => {
    const change = await instance.add({ state: '0' })
    const close_notes = 'x'.repeat(4_001)
    const update = updateChange(contextOn(instance, { dryRun }), {
      change,
      fields: { category: 'Software', location: 'l'.repeat(256) },
      target: 'closed',
      closing: { close_code: 'successful', close_notes },
      hold: { on: true, reason: 'r'.repeat(4_002) },
      tasks: 'leave'
    })
    expect((await problemOf(update, 'too-long')).facts.fields.map(one => one.field)).toEqual([
      'location',
      'close_notes',
      'on_hold_reason'
    ])
    expect(instance.writes).toEqual([])
  })

  it('is one by its characters: one that just fits is written whole', async () => {
    const { change } = await createOn(instance, { given: titled(160) })
    expect(instance.stored(change?.number ?? '').short_description).toHaveLength(160)
  })
})

describe('lengths', () => {
  it('are not looked up for texts that fit everywhere', async () => {
    instance = startInstance()
    await createOn(instance, { given: { ...titled(100), description: 'y'.repeat(1_000) } })
    expect(lookUps()).toEqual([])
  })

  it('of which nothing is known are said not to be checked, and the cut is told after the write', async () => {
    instance = startInstance({ user: 'gha.narrow' })
    const { context, created } = await createOn(instance, { given: titled(161) })
    expect(created).toBe(true)
    expect(context.told('lengths-not-checked')).toEqual([
      { type: 'lengths-not-checked', fields: ['short_description'] }
    ])
    expect(context.told('field-not-applied')).toMatchObject([{ difference: { field: 'short_description' } }])
  })

  it('of a field that the dictionary does not have are no reason to stop', async () => {
    instance = startInstance()
    const { created } = await createOn(instance, { given: { ...GIVEN, u_ticket: 'x'.repeat(41) } })
    expect(created).toBe(true)
  })

  it('of the change table replace those of all tasks, and signs outside the basic plane count once', async () => {
    instance = startInstance()
    const own = { name: 'change_request', internal_type: 'string', max_length: '200' }
    instance.sandbox.insert('sys_dictionary', { ...own, element: 'short_description' })
    await problemOf(createOn(instance, { given: titled(201) }, {}, true), 'too-long')
    const rockets = { ...GIVEN, short_description: '🚀'.repeat(150) }
    expect((await createOn(instance, { given: rockets }, {}, true)).change).toBeUndefined()
  })
})
