/** The note on attached files: in the same write as the submission, and never lost where that does not carry it. */
import { beforeEach, describe, expect, it } from '@jest/globals'
import type { Note } from '../notes.ts'
import { rejectionOf } from '../testing/context.ts'
import { createOn, REQUEST } from '../testing/creation.ts'
import { APIS, type Effect, LOST, startInstance, type TestInstance } from '../testing/instance.ts'

const EVIDENCE: Note = { text: 'Evidence attached:\nreport.xml, 4 bytes', marker: '[gha2 note 0123456789ab]' }
const LONG: Note = { ...EVIDENCE, text: `Evidence attached:\n${'report.xml, 4 bytes\n'.repeat(200)}` }

let instance: TestInstance

/** Creates a change whose files are told in a note. */
async function create(note: Note = EVIDENCE, more: Parameters<typeof createOn>[1] = {}) {
  const asked: boolean[] = []
  const created = await createOn(instance, more, {
    attach: async (_, isNew) => {
      asked.push(isNew)
      return note
    }
  })
  return { ...created, asked }
}

/** How often the journal of a change holds the note. */
const times = (number: string, { marker }: Note = EVIDENCE) =>
  instance.sandbox.journal(number).filter(one => one.text.includes(marker)).length

const updates = () => instance.writes.filter(line => line.startsWith('update'))

describe.each(APIS)('the note on files (%s)', api => {
  beforeEach(() => {
    instance = startInstance({ api })
  })

  it('goes out with the submission, in one write', async () => {
    const { change, asked } = await create()
    expect(updates()).toHaveLength(1)
    expect(updates()[0]).toContain('state=-4')
    expect(times(change?.number ?? '')).toBe(1)
    expect(asked).toEqual([true])
  })

  it('is written by itself where no approval is requested', async () => {
    const { change } = await create(EVIDENCE, { requestApproval: false })
    expect(updates()).toHaveLength(1)
    expect(times(change?.number ?? '')).toBe(1)
  })

  it('is written by itself, before the submission, where one entry might not hold both', async () => {
    const { change } = await create(LONG)
    expect(updates().map(line => line.includes('state=-4'))).toEqual([false, true])
    expect(times(change?.number ?? '', LONG)).toBe(1)
  })

  it('is written once where the response to the submission is lost', async () => {
    instance.fail('update', LOST)
    const { change } = await create()
    expect(times(change?.number ?? '')).toBe(1)
  })

  it('is written where the submission is refused', async () => {
    instance.fail('update', { kind: 'error', status: 403, message: 'Operation Failed' })
    await rejectionOf(create())
    expect(times('CHG0030001')).toBe(1)
  })

  it('is written where the check for duplicates fails', async () => {
    instance.fail('find', { kind: 'acl', nth: 2 } as Effect)
    await rejectionOf(create())
    expect(times('CHG0030001')).toBe(1)
  })

  it('is on the draft that is canceled for the change of another job', async () => {
    const older = { correlation_id: REQUEST.correlationId, sys_created_on: '2026-11-21 11:00:00' }
    await createOn(
      instance,
      {},
      {
        attach: async (_, isNew) => {
          if (isNew) instance.plant(older)
          return isNew ? EVIDENCE : undefined
        }
      }
    )
    expect(instance.stored('CHG0030001').state).toBe('4')
    expect(times('CHG0030001')).toBe(1)
  })

  it('is on a change that is reused, written at once', async () => {
    const { sysId, number } = instance.plant({ correlation_id: REQUEST.correlationId })
    const { asked } = await create()
    expect(instance.stored({ sysId }).state).toBe('-4')
    expect(times(number)).toBe(1)
    expect(asked).toEqual([false])
  })

  it('a change whose creation got no response may hold files already', async () => {
    instance.fail('create', LOST)
    expect((await create()).asked).toEqual([false])
  })
})
