import { beforeEach, describe, expect, it } from '@jest/globals'
import { type AuditQuestion, type AuditSources, auditDeployments, type RecordedDeployment } from '../index.ts'
import { noteText } from '../notes.ts'
import { bindingNote } from '../own/binding-note.ts'
import { contextOn, problemOf } from '../testing/context.ts'
import { BOUND, DEPLOYMENT } from '../testing/deployment.ts'
import { FIRST_MOMENT, momentAt, startInstance, type TestInstance } from '../testing/instance.ts'
import type { Fields } from '../testing/records.ts'

const HOUR = 3_600_000
let instance: TestInstance

/** It began an hour after the first moment, when everything is approved, and ended well an hour later. */
const RECORDED: RecordedDeployment = {
  id: '1',
  environment: 'production',
  commit: DEPLOYMENT.commit,
  runId: DEPLOYMENT.run,
  createdAt: FIRST_MOMENT + HOUR,
  startedAt: FIRST_MOMENT + HOUR,
  endedAt: FIRST_MOMENT + 2 * HOUR,
  result: 'success',
  statusesCut: false
}

/** Made for that deployment, in order and closed. */
const CLOSED: Fields = {
  type: 'normal',
  state: '3',
  approval: 'approved',
  close_code: 'successful',
  sys_created_on: momentAt(-2 * HOUR)
}

const SOURCES: AuditSources = { freed: async () => () => false, runOver: async () => true }

function audit(
  deployments: readonly Partial<RecordedDeployment>[] = [{}],
  more: Partial<AuditQuestion> = {},
  sources: Partial<AuditSources> = {}
) {
  const { server, repository } = DEPLOYMENT
  const recorded = deployments.map((one, n) => ({ ...RECORDED, id: String(n), ...one }))
  const repositories = [{ server, repository, environments: ['production'], deployments: recorded }]
  const question: AuditQuestion = {
    repositories,
    since: FIRST_MOMENT - 24 * HOUR,
    until: FIRST_MOMENT + 24 * HOUR,
    environments: [],
    trustedAccounts: ['gha.deployer'],
    bindingKey: undefined,
    ...more
  }
  return auditDeployments(contextOn(instance), question, { ...SOURCES, ...sources })
}

/** Made by the account of the actions, and approved at the first moment by somebody else. */
function plantInOrder(fields: Fields = {}, notes: readonly string[] = []) {
  const planted = instance.plant({ ...CLOSED, sys_created_by: 'gha.deployer', ...fields }, notes)
  instance.addApprover(planted, { name: 'Anna Approver', state: 'approved' })
  return planted
}

const codesOf = (rows: Awaited<ReturnType<typeof audit>>['rows']) =>
  rows.map(row => row.findings.map(one => one.code))

beforeEach(() => {
  instance = startInstance({ user: 'gha.reader' })
})

describe('an audit by an account that only reads', () => {
  it('finds nothing where the deployment went under an approved and closed change', async () => {
    const { number } = plantInOrder()
    const { rows, creators, hidden } = await audit()
    expect(rows).toMatchObject([{ change: { number }, findings: [], untold: [] }])
    expect({ creators, hidden }).toEqual({ creators: [], hidden: false })
    expect(instance.writes).toEqual([])
  })

  it('finds a start before the approval, and another commit', async () => {
    plantInOrder()
    const { rows } = await audit([{ startedAt: FIRST_MOMENT - HOUR, commit: 'f'.repeat(40) }])
    expect(codesOf(rows)).toEqual([['before-approval', 'other-commit']])
  })

  it('finds a deployment without a change, and one that the policy of its commit frees', async () => {
    const other = { runId: '2002', commit: 'a'.repeat(40) }
    const asked: unknown[] = []
    const freed: AuditSources['freed'] = async (_, commits) => {
      asked.push(commits.map(one => one.commit))
      return one => (one.commit === other.commit ? true : undefined)
    }
    const { rows } = await audit([{}, other], {}, { freed })
    expect(codesOf(rows)).toEqual([['no-change'], ['freed-by-policy']])
    expect(rows.map(row => row.untold)).toEqual([[expect.stringMatching(/policy/)], []])
    expect(asked).toEqual([[DEPLOYMENT.commit, other.commit]])
  })

  it('leaves out changes of creators that are not trusted, and names them', async () => {
    plantInOrder()
    const { rows, creators } = await audit([{}], { trustedAccounts: ['somebody.else'] })
    expect(codesOf(rows)).toEqual([['no-change']])
    expect(creators).toEqual([{ creator: 'gha.deployer', changes: 1 }])
  })

  it('leaves out changes of other repositories, and with a key those without its signature', async () => {
    plantInOrder({ correlation_display: `gha2 ${DEPLOYMENT.commit} 1001 ${'0'.repeat(16)}.00000000` })
    expect(codesOf((await audit()).rows)).toEqual([['no-change']])
    plantInOrder()
    expect(codesOf((await audit([{}], { bindingKey: 'key-of-the-organisation' })).rows)).toEqual([
      ['no-change']
    ])
  })

  it('is told where the creator cannot be read', async () => {
    plantInOrder({ sys_created_by: '' })
    await problemOf(audit(), 'creator-unreadable')
  })

  it('cannot tell who approved where the rows are refused', async () => {
    plantInOrder()
    instance.fail('approvals', { kind: 'acl' })
    const { rows } = await audit()
    expect(rows[0]?.untold).toEqual([expect.stringMatching(/sysapproval_approver/)])
  })
})

describe('a change that another run made', () => {
  const used = noteText(bindingNote({ ...DEPLOYMENT, run: '3003' }, 'used'))

  it('is found by the note of the run that uses it', async () => {
    instance = startInstance({ user: 'gha.reader', readableJournal: true })
    const { number } = plantInOrder({}, [used])
    const { rows } = await audit([{ runId: '3003' }])
    expect(rows).toMatchObject([{ change: { number }, findings: [] }])
  })

  it('is not found by a note whose writer cannot be told, and the report says so', async () => {
    plantInOrder({}, [used])
    const { rows } = await audit([{ runId: '3003' }])
    expect(codesOf(rows)).toEqual([['no-change']])
    expect(rows[0]?.untold).toEqual([expect.stringMatching(/sys_journal_field/)])
  })
})

describe('an open change without a deployment', () => {
  const open = (fields: Fields = {}) => plantInOrder({ state: '-2', close_code: '', ...fields })

  it('was left open where its run is over, and is not listed while the run goes on', async () => {
    const { number } = open()
    const { rows } = await audit([])
    expect(rows).toMatchObject([{ change: { number }, runId: '1001', environment: 'production' }])
    expect(codesOf(rows)).toEqual([['left-open']])
    expect((await audit([], {}, { runOver: async () => false })).rows).toEqual([])
  })

  it('cannot be told where the run is not shown', async () => {
    open()
    const { rows } = await audit([], {}, { runOver: async () => undefined })
    expect(rows).toMatchObject([{ findings: [], untold: [expect.stringMatching(/is over/)] }])
  })

  it('of a time or an environment that is not audited is left out', async () => {
    open()
    expect((await audit([], { environments: ['staging'] })).rows).toEqual([])
    expect((await audit([], { since: FIRST_MOMENT })).rows).toEqual([])
    expect((await audit([], { environments: ['Production'] })).rows).toHaveLength(1)
  })

  it('is asked for at most 15 runs', async () => {
    for (let n = 0; n < 20; n += 1) open({ correlation_display: BOUND.replace(' 1001 ', ` ${5000 + n} `) })
    let asked = 0
    const { rows } = await audit([], {}, { runOver: async () => ++asked > 0 })
    expect(asked).toBe(15)
    expect(rows.filter(row => row.untold.length > 0)).toHaveLength(5)
  })
})

it('300 deployments with their changes take one request for the changes and three for the approvers', async () => {
  const runs = Array.from({ length: 300 }, (_, n) => String(7000 + n))
  for (const run of runs) plantInOrder({ correlation_display: BOUND.replace(' 1001 ', ` ${run} `) })
  instance.forget()
  const { rows } = await audit(runs.map(runId => ({ runId })))
  expect(rows.every(row => row.findings.length === 0 && row.untold.length === 0)).toBe(true)
  expect(instance.log.map(line => line.split(' ')[0])).toEqual(['find', ...Array(3).fill('approvals')])
})
