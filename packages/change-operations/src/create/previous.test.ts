import { beforeEach, describe, expect, it } from '@jest/globals'
import { createOn } from '../testing/creation.ts'
import { APIS, momentAt, startInstance, type TestInstance } from '../testing/instance.ts'
import type { CreateRequest } from './request.ts'

const OURS = { correlation_id: 'gha-1', short_description: 'Deploy shop' }
let instance: TestInstance

const create = (more: Partial<CreateRequest>) => createOn(instance, more)

describe.each(APIS)('an earlier change of the same deployment (%s)', api => {
  beforeEach(() => {
    instance = startInstance({ api })
  })

  it('that is the newest of those that ended becomes the parent of a new one, where requested', async () => {
    instance.plant({ ...OURS, state: '3', sys_created_on: momentAt(-3_000) })
    const last = instance.plant({ ...OURS, state: '0', sys_created_on: momentAt(-2_000) })
    // Drafts that lost to another job's change are younger than the change that was carried out.
    instance.plant({ ...OURS, state: '4', sys_created_on: momentAt(-1_000) })
    const { change, context } = await create({ linkPrevious: true })
    expect(change?.fields.parent?.value).toBe(last.sysId)
    expect(context.told('previous-linked')).toMatchObject([{ previous: { number: 'CHG0030002' } }])
    expect((await create({ reuse: false })).change?.fields.parent?.value).toBe('')
  })

  it('is the last of several by its age, whatever their numbers', async () => {
    const last = instance.plant({ ...OURS, state: '3', sys_created_on: momentAt(-1_000) })
    instance.plant({ ...OURS, state: '3', sys_created_on: momentAt(-3_000) })
    instance.plant({ ...OURS, state: '3', sys_created_on: momentAt(-2_000) })
    expect((await create({ linkPrevious: true })).change?.fields.parent?.value).toBe(last.sysId)
  })

  it('that was canceled becomes the parent where no other has ended, the last of them', async () => {
    instance.plant({ ...OURS, state: '4', sys_created_on: momentAt(-3_000) })
    const last = instance.plant({ ...OURS, state: '4', sys_created_on: momentAt(-2_000) })
    instance.plant({ ...OURS, correlation_id: 'GHA-1', state: '3', sys_created_on: momentAt(-1_000) })
    expect((await create({ linkPrevious: true })).change?.fields.parent?.value).toBe(last.sysId)
  })

  it('becomes no parent where one is given', async () => {
    instance.plant({ ...OURS, state: '3' })
    const { sysId } = instance.plant({ number: 'CHG0000042' })
    const { change, context } = await create({ linkPrevious: true, parent: sysId })
    expect(change?.fields.parent?.value).toBe(sysId)
    expect(context.told('previous-linked')).toEqual([])
  })
})
