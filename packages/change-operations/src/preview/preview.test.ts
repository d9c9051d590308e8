import { seedId } from '@change-actions/sandbox'
import { describe, expect, it } from '@jest/globals'
import type { CreateRequest } from '../create/request.ts'
import { contextOn, problemOf } from '../testing/context.ts'
import { REQUEST } from '../testing/creation.ts'
import { APIS, momentAt, startInstance } from '../testing/instance.ts'
import { MODEL } from '../testing/life-cycles.ts'
import { previewChange } from './preview.ts'

const HOUR = 3_600_000
const PAYMENTS = seedId('cmdb_ci', 'payments')
const WINDOW = { start_date: momentAt(HOUR), end_date: momentAt(3 * HOUR) }

const request = (more: Partial<CreateRequest>): CreateRequest => ({ ...REQUEST, given: {}, ...more })

describe.each(APIS)('a preview by %s', api => {
  it('names the records that a change would be made with, and writes nothing', async () => {
    const instance = startInstance({ api, user: 'gha.reader' })
    const preview = await previewChange(
      contextOn(instance, { dryRun: true }),
      request({
        references: { assignment_group: 'devops team', cmdb_ci: PAYMENTS },
        known: { cmdb_ci: 'Payments service' },
        choices: { risk: 'Low' }
      })
    )
    expect(preview.names).toMatchObject([
      { field: 'assignment_group', given: 'devops team', display: 'DevOps Team', checked: true },
      { field: 'cmdb_ci', given: 'Payments service', display: 'Payments service', value: PAYMENTS },
      { field: 'risk', given: 'Low', value: '4', problem: undefined }
    ])
    expect(preview.others).toEqual({ kind: 'not-asked', why: 'no-window' })
    expect(instance.writes).toEqual([])
  })

  it('has every name that is wrong, with candidates', async () => {
    const { names } = await previewChange(
      contextOn(startInstance({ api })),
      request({
        template: 'app-deployment-templat',
        references: { assignment_group: 'DevOps Teem', assigned_to: 'f'.repeat(32), cmdb_ci: 'payments-db' }
      })
    )
    expect(names.map(({ field, problem }) => [field, problem?.code])).toEqual([
      ['template', 'lookup-none'],
      ['assignment_group', 'lookup-none'],
      ['assigned_to', 'lookup-none'],
      ['cmdb_ci', 'lookup-many']
    ])
    expect(names[1]?.problem?.facts).toMatchObject({ candidates: expect.arrayContaining(['DevOps Team']) })
  })

  it('leaves a name to the instance where the account may not look it up', async () => {
    const { names } = await previewChange(
      contextOn(startInstance({ api, user: 'gha.narrow' })),
      request({ references: { assignment_group: 'DevOps Team' } })
    )
    expect(names).toMatchObject([{ display: 'DevOps Team', checked: false, problem: undefined }])
  })

  it('finds the open changes of the configuration item in the window, and no others', async () => {
    const instance = startInstance({ api })
    const planned = (from: number, to: number, more = {}) =>
      instance.plant({
        cmdb_ci: PAYMENTS,
        start_date: momentAt(from * HOUR),
        end_date: momentAt(to * HOUR),
        ...more
      }).number
    const [late, early] = [planned(3, 5), planned(0, 2)]
    planned(4, 5)
    planned(1, 2, { state: '3' })
    planned(1, 2, { cmdb_ci: seedId('cmdb_ci', 'prod-k8s-cluster') })
    instance.plant({ cmdb_ci: PAYMENTS })
    const { others, start, end } = await previewChange(
      contextOn(instance),
      request({ given: WINDOW, references: { cmdb_ci: 'Payments' } })
    )
    expect([start, end]).toEqual([HOUR, 3 * HOUR].map(ms => Date.parse(`${momentAt(ms).replace(' ', 'T')}Z`)))
    expect(others).toMatchObject({ kind: 'read', changes: [{ number: early }, { number: late }] })
  })
})

describe('other changes', () => {
  it('that are over by what their state counts as are left out', async () => {
    const instance = startInstance(MODEL.options)
    const window = { cmdb_ci: PAYMENTS, ...WINDOW }
    const open = instance.plant({ ...window, state: '10' }).number
    instance.plant({ ...window, state: '3' })
    const { others } = await previewChange(
      contextOn(instance, { states: MODEL.states }),
      request({ given: WINDOW, references: { cmdb_ci: PAYMENTS } })
    )
    expect(others).toMatchObject({ kind: 'read', changes: [{ number: open }] })
  })

  it('are not asked for where the configuration item is not known', async () => {
    const { others } = await previewChange(
      contextOn(startInstance()),
      request({ given: WINDOW, references: { cmdb_ci: 'nowhere' } })
    )
    expect(others).toEqual({ kind: 'not-asked', why: 'no-ci' })
  })

  it('that cannot be read are not passed off as none', async () => {
    const instance = startInstance()
    instance.fail('find', { kind: 'error', status: 403, message: 'Forbidden' })
    const { others } = await previewChange(
      contextOn(instance),
      request({ given: WINDOW, references: { cmdb_ci: PAYMENTS } })
    )
    expect(others).toMatchObject({ kind: 'not-read', problem: { facts: { status: 403 } } })
  })

  it('fail the preview where the instance does not respond', async () => {
    const instance = startInstance({ credentials: { scheme: 'basic', username: 'x', password: 'y' } })
    await problemOf(
      previewChange(contextOn(instance), request({ references: { cmdb_ci: 'Payments' } })),
      'credentials'
    )
  })
})
