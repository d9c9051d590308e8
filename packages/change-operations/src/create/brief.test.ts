import { beforeEach, describe, expect, it } from '@jest/globals'
import { createOn, GIVEN } from '../testing/creation.ts'
import { APIS, startInstance, type TestInstance } from '../testing/instance.ts'
import type { CreateHooks, CreateRequest } from './request.ts'

const LINES = ['For approvers, from GitHub:', 'Deployed now: v1', 'Pull requests: none']
const BRIEF = { lines: LINES, rest: '(cut)' }
const TEXT = LINES.join('\n')
const OWN = { ...GIVEN, description: 'Mine' }
let instance: TestInstance
let asked: number

const hooks = (lines: readonly string[] = LINES): Partial<CreateHooks> => ({
  brief: async () => {
    asked += 1
    return { ...BRIEF, lines }
  }
})

const create = (more: Partial<CreateRequest> = {}, lines?: readonly string[], dryRun = false) =>
  createOn(instance, more, hooks(lines), dryRun)

const stored = (number = 'CHG0030001') => instance.stored(number).description

beforeEach(() => {
  asked = 0
})

describe.each(APIS)('what approvers read (%s)', api => {
  beforeEach(() => {
    instance = startInstance({ api })
  })

  it('stands below a generated description', async () => {
    await create({ generated: { description: 'Repository: acme/shop' } })
    expect(stored()).toBe(`Repository: acme/shop\n\n${TEXT}`)
  })

  it('stands below the description given, without a warning', async () => {
    const { context } = await create({ given: OWN })
    expect(stored()).toBe(`Mine\n\n${TEXT}`)
    expect(context.told('field-not-applied')).toEqual([])
  })

  it('is the description where there is no other', async () => {
    await create()
    expect(stored()).toBe(TEXT)
  })

  it('is cut at whole lines to what the field keeps', async () => {
    const many = [...LINES, ...Array.from({ length: 200 }, (_, n) => `- #${n} ${'x'.repeat(40)}`)]
    await create({ given: OWN }, many)
    const lines = String(stored()).split('\n')
    expect(String(stored()).length).toBeLessThanOrEqual(4_000)
    expect(lines.slice(0, 5)).toEqual(['Mine', '', ...LINES])
    expect(lines.at(-1)).toBe('(cut)')
    expect(many).toEqual(expect.arrayContaining(lines.slice(2, -1)))
  })

  it('is left out where the description fills the field, which is never cut', async () => {
    const description = 'x'.repeat(3_990)
    await create({ given: { ...OWN, description } })
    expect(stored()).toBe(description)
  })

  it('is not asked for again when the change is reused, which stays as it is', async () => {
    const draft = { given: OWN, requestApproval: false }
    await create(draft)
    const writes = instance.writes.length
    const again = await create({ ...draft, retried: true }, [...LINES, 'Another day'])
    expect([again.created, asked, stored()]).toEqual([false, 1, `Mine\n\n${TEXT}`])
    expect(instance.writes).toHaveLength(writes)
    const submitted = await create({ given: OWN, retried: true })
    expect(submitted.context.told('field-left')).toEqual([])
    const later = await create({ given: OWN, retried: true })
    expect(later.context.told('field-left')).toEqual([])
    const other = await create({ given: { ...OWN, description: 'Other' }, retried: true })
    expect(other.context.told('field-left')).toHaveLength(1)
  })

  it('is in the plan of a dry run', async () => {
    const { context } = await create({ given: OWN }, LINES, true)
    expect(context.planned()).toContainEqual(
      expect.objectContaining({
        type: 'create',
        fields: expect.objectContaining({ description: `Mine\n\n${TEXT}` })
      })
    )
  })

  it('may be missing', async () => {
    await createOn(instance, { given: OWN }, { brief: async () => undefined })
    expect(stored()).toBe('Mine')
  })
})

describe('a template that owns the description', () => {
  it('has it in one note, before approval is requested', async () => {
    instance = startInstance()
    instance.sandbox.insert('std_change_record_producer', {
      name: 'Deploy the app',
      active: 'true',
      current_version: 'v9',
      template: 'short_description=^'
    })
    const { change } = await create({ template: 'Deploy the app', given: { short_description: 'Deploy' } })
    expect(stored()).not.toContain('For approvers')
    const notes = instance.sandbox.journal(change?.sysId ?? '').map(one => one.text)
    expect(notes.filter(text => text.startsWith(`${TEXT}\n[gha `))).toHaveLength(1)
    const log = instance.log.map(line => line.slice(0, 60))
    const noted = log.findIndex(line => line.includes('For approvers'))
    expect(noted).toBeGreaterThan(0)
    expect(log.findIndex(line => line.includes('state='))).toBeGreaterThan(noted)
  })
})
