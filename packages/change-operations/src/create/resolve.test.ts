import { beforeEach, describe, expect, it } from '@jest/globals'
import { contextOn, problemOf } from '../testing/fake-context.ts'
import { FakeInstance } from '../testing/fake-instance.ts'
import { resolveFields } from './resolve.ts'

const GROUP = 'd625dccec0a8016700a222a0f7900d06'
let fake: FakeInstance

beforeEach(() => {
  fake = new FakeInstance()
  fake.lookups['group:DevOps Team'] = { value: GROUP, display: 'DevOps Team' }
  fake.lookups['user:kim'] = { value: 'u1', display: 'Kim' }
  fake.lookups['ci:shop'] = { value: 'c1', display: 'shop' }
  fake.choices['risk:low'] = '4'
  fake.choices['close_code:Successful'] = 'successful'
})

describe('plain fields', () => {
  it('have names and labels resolved, and anything else as it is', async () => {
    const fields = {
      assignment_group: 'DevOps Team',
      assigned_to: 'kim',
      requested_by: 'kim',
      cmdb_ci: 'shop',
      risk: 'low',
      close_code: 'Successful',
      short_description: 'low',
      u_batch: 7,
      u_done: true
    }
    expect(await resolveFields(contextOn(fake), fields)).toEqual({
      assignment_group: GROUP,
      assigned_to: 'u1',
      requested_by: 'u1',
      cmdb_ci: 'c1',
      risk: '4',
      close_code: 'successful',
      short_description: 'low',
      u_batch: 7,
      u_done: true
    })
  })

  it('that are emptied are not looked up', async () => {
    const emptied = { assignment_group: '', risk: '' }
    expect(await resolveFields(contextOn(fake), emptied)).toEqual(emptied)
    expect(fake.log).toEqual([])
  })

  it('of which several are unknown fail with the first', async () => {
    const { facts } = await problemOf(
      resolveFields(contextOn(fake), { risk: 'lowish', assigned_to: 'somebody' }),
      'lookup-none'
    )
    expect(facts).toMatchObject({ kind: 'choice', name: 'lowish' })
  })
})
