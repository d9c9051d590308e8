import { seedId } from '@change-actions/sandbox'
import { beforeEach, describe, expect, it } from '@jest/globals'
import { contextOn, problemOf } from '../testing/context.ts'
import { startInstance, type TestInstance } from '../testing/instance.ts'
import { GROUP } from '../testing/records.ts'
import { resolveFields } from './resolve.ts'

let instance: TestInstance

beforeEach(() => {
  instance = startInstance()
})

describe('plain fields', () => {
  it('have names and labels resolved, and anything else as it is', async () => {
    const fields = {
      assignment_group: 'DevOps Team',
      assigned_to: 'dora.devops',
      requested_by: 'dora.devops',
      cmdb_ci: 'prod-k8s-cluster',
      risk: 'low',
      close_code: 'Successful',
      short_description: 'low',
      u_batch: 7,
      u_done: true
    }
    const dora = seedId('sys_user', 'dora.devops')
    expect(await resolveFields(contextOn(instance), fields)).toEqual({
      assignment_group: GROUP,
      assigned_to: dora,
      requested_by: dora,
      cmdb_ci: seedId('cmdb_ci', 'prod-k8s-cluster'),
      risk: '4',
      close_code: 'successful',
      short_description: 'low',
      u_batch: 7,
      u_done: true
    })
    expect(instance.writes).toEqual([])
  })

  it('that are emptied are not looked up', async () => {
    const emptied = { assignment_group: '', risk: '' }
    expect(await resolveFields(contextOn(instance), emptied)).toEqual(emptied)
    expect(instance.log).toEqual([])
  })

  it('of which several are unknown fail with the first', async () => {
    const { facts } = await problemOf(
      resolveFields(contextOn(instance), { risk: 'lowish', assigned_to: 'somebody' }),
      'lookup-none'
    )
    expect(facts).toMatchObject({ kind: 'choice', name: 'lowish' })
  })
})
