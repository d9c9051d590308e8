/** Who deploys under a change: one run at a time, whatever dies or comes at the same moment. */

import type { Sandbox } from '@change-actions/sandbox'
import { expect } from '@jest/globals'
import { connectProxy } from '../../../packages/github-api/src/testing/connect-proxy.ts'
import { onBothApis } from '../harness.ts'
import {
  APPROVING,
  changeOf,
  type GateStep,
  gateScenario,
  NORMAL,
  notesOf,
  type RunsOnGitHub,
  STANDARD,
  STATE,
  startRuns
} from './gate-harness.ts'

const V1 = { ...STANDARD, version: 'v1' }
const OTHER = { GITHUB_RUN_ID: '1002' }

const claims = (sandbox: Sandbox, step: GateStep) =>
  notesOf(sandbox, step).flatMap(note => /\[gha2 claim .*\]/.exec(note) ?? [])

onBothApis(api => {
  gateScenario('another run has it', { api }, async ({ sandbox, gate }) => {
    const first = await gate().pass(V1)
    const notes = notesOf(sandbox, first)
    const job = gate(OTHER)
    const second = await job.fail(V1)
    const number = first.outputs['change-number']
    expect(second.error.title).toBe(`Change ${number}: in-use`)
    expect(second.error.message).toMatch(/claimed by run 1001,[\s\S]*actions: read[\s\S]*take-over: true/)
    expect(second.outputs).toMatchObject({ outcome: 'in-use', approved: 'false', 'change-number': number })
    await job.post(second, 'failure')
    expect(notesOf(sandbox, first)).toEqual(notes)
    expect(changeOf(sandbox, first).state).toBe(STATE.implement)
  })

  gateScenario(
    'two runs at the same moment: one deploys, the other says so',
    { api, sandbox: APPROVING },
    async world => {
      const { sandbox, gate } = world
      const jobs = [gate(), gate(OTHER)]
      const inputs = { ...NORMAL, version: 'v1' }
      const steps = await Promise.all(jobs.map(job => job.run(inputs)))
      expect(steps.map(step => step.outputs.outcome).sort()).toEqual(['approved', 'in-use'])
      const winner = steps.findIndex(step => step.code === 0)
      const loser = 1 - winner
      const [won, lost] = [steps[winner], steps[loser]]
      if (won === undefined || lost === undefined) throw new Error('there are two')
      expect(lost.outputs['change-number']).toBe(won.outputs['change-number'])
      await jobs[loser]?.post(lost, 'failure')
      expect(changeOf(sandbox, won).state).toBe(STATE.implement)
      await jobs[winner]?.post(won, 'success')
      expect(changeOf(sandbox, won)).toMatchObject({ state: STATE.closed, close_code: 'successful' })
      const [started, ...others] = notesOf(sandbox, won).filter(note => note.includes(' started.'))
      expect(started).toContain(`/actions/runs/${1001 + winner}`)
      // A start that came to nothing is taken back.
      for (const other of others) {
        expect(other).toContain(`/actions/runs/${1001 + loser}`)
        expect(notesOf(sandbox, won).join('\n')).toMatch(new RegExp(`Run ${1001 + loser} .*did not deploy`))
      }
    }
  )

  gateScenario(
    'killed between claim and exit: the next attempt goes on',
    { api },
    async ({ sandbox, gate }) => {
      const running = gate().start(V1)
      await running.prints(/is in Implement now/)
      running.kill('SIGKILL')
      const killed = await running.done
      expect(killed.code).toBeNull()
      const again = gate({ GITHUB_RUN_ATTEMPT: '2' })
      const main = await again.pass(V1)
      expect(main.outputs).toMatchObject({
        created: 'false',
        'change-sys-id': killed.outputs['change-sys-id']
      })
      expect(notesOf(sandbox, main)).toEqual([
        expect.stringContaining('(attempt 1)'),
        expect.stringContaining('(attempt 2)')
      ])
      await again.post(main, 'success')
      expect(changeOf(sandbox, main).state).toBe(STATE.closed)
      expect(sandbox.rows('change_request')).toHaveLength(1)
    }
  )
})

gateScenario('killed while it claims: post finds out by itself', {}, async ({ sandbox, gate }) => {
  const job = gate()
  const running = job.start(V1)
  await running.prints(/is in Implement now/)
  running.kill('SIGKILL')
  const killed = await running.done
  await job.post(killed, 'failure', V1)
  expect(changeOf(sandbox, killed)).toMatchObject({ state: STATE.review, close_code: 'unsuccessful' })
})

gateScenario('killed before it claims: post leaves it with a note', {}, async ({ sandbox, gate }) => {
  const job = gate()
  const inputs = { ...NORMAL, version: 'v1' }
  const running = job.start(inputs)
  await running.prints(/waiting for approval/)
  running.kill('SIGKILL')
  const killed = await running.done
  await job.post(killed, 'failure', inputs)
  expect(changeOf(sandbox, killed).state).toBe(STATE.authorize)
  expect(notesOf(sandbox, killed)).toEqual([
    expect.stringMatching(/^Not deployed to production: the gate did not open \(job failure\)\./)
  ])
})

/** The policy is read from GitHub, too. */
const askedAboutRuns = ({ github }: RunsOnGitHub) =>
  github.requests.filter(({ operationId }) => operationId === 'actions/get-workflow-run')

gateScenario('a run that has completed, as GitHub tells it', {}, async ({ sandbox, gate }) => {
  const runs = await startRuns()
  try {
    const ended = runs.run('completed')
    const first = await gate({ GITHUB_RUN_ID: ended }).pass(V1)
    const job = gate({ GITHUB_RUN_ID: runs.run('in_progress'), ...runs.env })
    const second = await job.pass({ ...V1, ...runs.inputs })
    expect(askedAboutRuns(runs)).toMatchObject([
      { operationId: 'actions/get-workflow-run', caller: 'job', status: 200 }
    ])
    expect(second.notices).toEqual([
      expect.stringMatching(new RegExp(`claimed by run ${ended}, which has completed`))
    ])
    expect(second.outputs['change-number']).toBe(first.outputs['change-number'])
    expect(claims(sandbox, first).map(text => text.replace(/\d{4,} (\d+) [\w.]+\]$/, '… $1'))).toEqual([
      '[gha2 claim 1 … 1',
      '[gha2 claim 2 … 1'
    ])
    await job.post(second, 'success')
    expect(changeOf(sandbox, first).state).toBe(STATE.closed)
  } finally {
    await runs.stop()
  }
})

gateScenario('a run that has not completed, or of which GitHub tells nothing', {}, async ({ gate }) => {
  const runs = await startRuns()
  const { github } = runs
  try {
    const asks = async (run: string, version: string) => {
      const inputs = { ...STANDARD, version }
      await gate({ GITHUB_RUN_ID: run }).pass(inputs)
      const other = gate({ GITHUB_RUN_ID: '2000', ...runs.env })
      expect((await other.fail({ ...inputs, ...runs.inputs })).outputs.outcome).toBe('in-use')
    }
    await asks(runs.run('in_progress'), 'v0')
    await asks('1004', 'v1')
    const kinds = ['forbidden', 'unavailable', 'cut', 'primary-limit', 'lost-response'] as const
    for (const [n, kind] of kinds.entries()) {
      const fault = github.fault({ kind, operation: 'actions/get-workflow-run' })
      await asks(runs.run('completed'), `v${n + 2}`)
      expect(fault.hits).toBe(1)
    }
    expect(askedAboutRuns(runs)).toHaveLength(7)
  } finally {
    await runs.stop()
  }
})

gateScenario('a run that has completed, as GitHub tells it through a proxy', {}, async ({ gate }) => {
  const runs = await startRuns({ edition: 'ghes' })
  const { pathname, port } = new URL(runs.github.url)
  const proxy = await connectProxy(Number(port))
  try {
    const ended = runs.run('completed')
    await gate({ GITHUB_RUN_ID: ended }).pass(V1)
    const behind = { http_proxy: proxy.origin, GITHUB_API_URL: `http://github.acme.test${pathname}` }
    const second = await gate({ ...OTHER, ...behind }).pass({ ...V1, ...runs.inputs })
    expect(second.notices).toEqual([
      expect.stringMatching(new RegExp(`claimed by run ${ended}, which has completed`))
    ])
    expect([...new Set(proxy.tunnels.map(({ target }) => target))]).toEqual(['github.acme.test:80'])
    expect(askedAboutRuns(runs)).toMatchObject([{ operationId: 'actions/get-workflow-run', status: 200 }])
  } finally {
    proxy.close()
    await runs.stop()
  }
})

gateScenario('a run that lost the claim and died does not free the change', {}, async ({ sandbox, gate }) => {
  const runs = await startRuns()
  try {
    const [holder, dead] = [runs.run('in_progress'), runs.run('completed')]
    const first = await gate({ GITHUB_RUN_ID: holder }).pass(V1)
    const [claim = ''] = claims(sandbox, first)
    sandbox.insert('sys_journal_field', {
      name: 'change_request',
      element: 'work_notes',
      element_id: first.outputs['change-sys-id'] ?? '',
      value: `Deployment started.\n${claim.replace(holder, dead)}`
    })
    const third = gate({ GITHUB_RUN_ID: runs.run('in_progress'), ...runs.env })
    expect((await third.fail({ ...V1, ...runs.inputs })).outputs.outcome).toBe('in-use')
    // And the one that has it goes on, in whatever attempt.
    const again = gate({ GITHUB_RUN_ID: holder, GITHUB_RUN_ATTEMPT: '2' })
    expect((await again.pass(V1)).outputs.outcome).toBe('approved')
  } finally {
    await runs.stop()
  }
})

gateScenario('take-over: the other run leaves it alone from then on', {}, async ({ sandbox, gate }) => {
  const jobs = [gate(), gate(OTHER)]
  const first = await gate().pass(V1)
  const second = await jobs[1]?.pass({ ...V1, 'take-over': 'true' })
  if (second === undefined) throw new Error('there are two')
  expect(second.warnings).toEqual([expect.stringMatching(/claimed by run 1001; this run takes it over/)])
  const post = await jobs[0]?.post(first, 'failure')
  expect(post?.notices).toEqual([expect.stringMatching(/taken over by another run/)])
  expect(changeOf(sandbox, first).state).toBe(STATE.implement)
  expect((await gate({ GITHUB_RUN_ATTEMPT: '2' }).fail(V1)).outputs.outcome).toBe('in-use')
  await jobs[1]?.post(second, 'success')
  expect(changeOf(sandbox, first)).toMatchObject({ state: STATE.closed, close_code: 'successful' })
})

gateScenario('one run, two environments: an approval is for one', {}, async ({ gate }) => {
  const shared = { ...STANDARD, 'correlation-id': 'shop-1001' }
  const first = await gate().pass(shared)
  const step = await gate().pass({ ...shared, environment: 'staging' })
  expect(step.outputs['change-number']).not.toBe(first.outputs['change-number'])
  expect(step.warnings.join()).toMatch(/it is not bound to this repository and environment/)
})

gateScenario('what changes after the last poll is seen', {}, async ({ sandbox, gate, plant }) => {
  const cases: [Record<string, string>, string][] = [
    [{ approval: 'requested' }, 'unexpected-state'],
    [{ on_hold: 'true', on_hold_reason: 'Wait.' }, 'unexpected-state'],
    [{ state: STATE.canceled }, 'canceled'],
    [{ approval: 'rejected', state: STATE.new }, 'rejected'],
    [{ end_date: '2020-01-01 00:00:00' }, 'window-closed'],
    [{ start_date: '2099-01-01 00:00:00' }, 'window-not-open'],
    [{ correlation_display: 'gha 0123456789ab 1 0123456789ab' }, 'foreign-change']
  ]
  for (const [fields, outcome] of cases) {
    const { number, sysId } = plant({ state: STATE.scheduled, approval: 'approved' })
    // The poll has read the change, and is still reading who approved.
    sandbox.fault({ kind: 'latency', ms: 1_500, path: `sysapproval%3D${sysId}` })
    const polls = () => sandbox.requests.filter(one => one.path.includes('sysapproval_approver')).length
    const before = polls()
    const running = gate().start({ ...NORMAL, 'assignment-group': '', 'change-number': number })
    await sandbox.waitFor(() => polls() > before || inFlight(sandbox, sysId), 20_000)
    sandbox.set('change_request', sysId, fields)
    const step = await running.done
    expect({ fields, ...step.outputs }).toMatchObject({ fields, outcome, approved: 'false' })
    expect(step.error.message).toMatch(/changed between its approval and the deployment/)
    expect(sandbox.journal(sysId).map(note => note.text)).toEqual([
      expect.stringMatching(/^This change is bound/)
    ])
  }
})

/** The change has been read since it was bound: the poll is at its second request. */
function inFlight(sandbox: Sandbox, sysId: string): boolean {
  const about = sandbox.requests.filter(one => one.path.includes(sysId))
  const bound = about.findIndex(one => one.method === 'PATCH')
  return bound >= 0 && about.slice(bound).some(one => one.method === 'GET')
}
