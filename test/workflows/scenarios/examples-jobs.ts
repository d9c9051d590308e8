/** Several jobs and several runs: matrix, monorepo, two instances, split runs, lost runs. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { bindingOf } from '@change-actions/change-control'
import { OAUTH_CLIENTS, type Sandbox, seedId, startSandbox } from '@change-actions/sandbox'
import { approvalRequested } from '../people.ts'
import { ROOT } from '../repositories.ts'
import type { Played, Scenario, World } from '../scenario.ts'
import {
  ALWAYS,
  assertChanges,
  assertDeployed,
  assertError,
  assertNotDeployed,
  assertNote,
  CANCELED,
  changesIn,
  deploy,
  deploymentsOf,
  example,
  FAILED_REVIEW,
  notesOf,
  plantOwn,
  REJECTED,
  STATE,
  SUCCESSFUL,
  UNSUCCESSFUL
} from './examples-kit.ts'

/** Approves every change except the one whose title holds a word. */
const rejectOnly = (word: string) => async (sandbox: Sandbox) => {
  for (let decided = 0; decided < 2; decided += 1) {
    const change = await approvalRequested(sandbox)
    if (sandbox.change(change)?.short_description?.includes(word))
      sandbox.reject(change, 'Not in this region.')
    else sandbox.approve(change)
  }
}

/** The jobs of a matrix run in any order. */
const byTitle = (sandbox: Sandbox) =>
  [...changesIn(sandbox)].sort((a, b) => (a.short_description ?? '').localeCompare(b.short_description ?? ''))

const MATRIX = [
  example('matrix', {
    name: 'two regions, two changes: each approved, deployed and closed as successful',
    check(played) {
      assertChanges(played, SUCCESSFUL, SUCCESSFUL)
      const deployments = deploymentsOf(played)
      const [eu, us] = byTitle(played.sandbox)
      assert.match(eu?.short_description ?? '', /to "production-eu"$/)
      for (const [region, change] of [
        ['eu', eu],
        ['us', us]
      ] as const) {
        const [own, ...more] = deployments.filter(one => one.arguments === `production ${region}`)
        assert.deepEqual([own?.states[change?.number ?? ''], more], [STATE.implement, []])
      }
    }
  }),
  example('matrix', {
    name: 'one region fails: its change is in Review, the other is closed as successful',
    files: deploy('*us'),
    expected: 'failure',
    check({ sandbox }) {
      const [eu, us] = byTitle(sandbox)
      assert.deepEqual([eu?.state, eu?.close_code], [STATE.closed, 'successful'])
      assert.deepEqual([us?.state, us?.close_code], [STATE.review, 'unsuccessful'])
    }
  }),
  example('matrix', {
    name: 'one region is rejected: the other is deployed',
    people: rejectOnly('production-us'),
    expected: 'failure',
    check(played) {
      const [eu, us] = byTitle(played.sandbox)
      assert.deepEqual([eu?.state, eu?.close_code], [STATE.closed, 'successful'])
      assert.deepEqual([us?.state, us?.approval], [REJECTED.state, REJECTED.approval])
      assert.deepEqual(
        deploymentsOf(played).map(one => one.arguments),
        ['production eu']
      )
    }
  })
]

const MATRIX_SHARED = [
  example('matrix-shared', {
    name: 'two regions, one change: closed as successful by the last job',
    check(played) {
      const open = changesIn(played.sandbox).filter(one => one.state !== STATE.canceled)
      assert.deepEqual(
        open.map(one => [one.state, one.close_code]),
        [[STATE.closed, 'successful']]
      )
      const deployments = deploymentsOf(played)
      assert.deepEqual(deployments.map(one => one.arguments).sort(), ['production eu', 'production us'])
      for (const one of deployments) assert.equal(one.states[open[0]?.number ?? ''], STATE.implement)
    }
  }),
  example('matrix-shared', {
    name: 'one region fails: the change is closed as unsuccessful',
    files: deploy('*us'),
    expected: 'failure',
    check(played) {
      const open = changesIn(played.sandbox).filter(one => one.state !== STATE.canceled)
      assert.deepEqual(
        open.map(one => [one.state, one.close_code]),
        [[STATE.closed, 'unsuccessful']]
      )
      assert.equal(deploymentsOf(played).length, 2)
    }
  }),
  example('matrix-shared', {
    name: 'rejected: canceled by the last job, and nothing is deployed',
    people: 'reject',
    expected: 'failure',
    check(played) {
      for (const one of changesIn(played.sandbox)) assert.equal(one.state, STATE.canceled)
      assertNotDeployed(played)
    }
  })
]

const STANDARD_ONE = { ...SUCCESSFUL, type: 'standard' }

const MONOREPO = [
  example('monorepo', {
    name: 'three environments, three changes: closed as successful one after the other',
    check(played) {
      const [dev, staging, production] = assertChanges(played, STANDARD_ONE, STANDARD_ONE, {
        ...SUCCESSFUL,
        type: 'normal'
      })
      assertDeployed(
        played,
        ['deploy dev payments', dev],
        ['deploy staging payments', staging],
        ['deploy production payments', production]
      )
      assert.match(production?.short_description ?? '', /^Deploy payments at \w{40} to production$/)
    }
  }),
  example('monorepo', {
    name: 'staging fails: production has no change',
    files: deploy('staging*'),
    expected: 'failure',
    check(played) {
      const [dev, staging] = assertChanges(played, STANDARD_ONE, FAILED_REVIEW)
      assertDeployed(played, ['deploy dev payments', dev], ['deploy staging payments', staging])
    }
  }),
  example('monorepo', {
    name: 'production is rejected: left as it is, the others stay closed',
    people: 'reject',
    expected: 'failure',
    check(played) {
      const [dev, staging] = assertChanges(played, STANDARD_ONE, STANDARD_ONE, REJECTED)
      assertDeployed(played, ['deploy dev payments', dev], ['deploy staging payments', staging])
    }
  })
]

/** A second instance, for the first job. */
const [client] = OAUTH_CLIENTS
type Rehearsed = Omit<Scenario, 'subject' | 'files' | 'check'> & {
  check(played: Played, testInstance: Sandbox): void
}

function withTestInstance({ check, ...scenario }: Rehearsed, files = deploy()): Scenario {
  let testInstance: Sandbox
  return example('two-instances', {
    ...scenario,
    files,
    check: played => check(played, testInstance),
    async setUp({ atEnd }) {
      testInstance = await startSandbox({ approvalDelayMs: 20 })
      atEnd(() => void testInstance.stop())
      return {
        env: { SANDBOX_TEST: testInstance.url },
        vars: { SERVICENOW_TEST_INSTANCE: testInstance.url, SERVICENOW_TEST_CLIENT_ID: client?.id ?? '' },
        secrets: { SERVICENOW_TEST_CLIENT_SECRET: client?.secret ?? '' }
      }
    }
  })
}

const TWO_INSTANCES = [
  withTestInstance({
    name: 'a change in each instance: both closed as successful',
    check(played, testInstance) {
      assertChanges({ sandbox: testInstance }, STANDARD_ONE)
      assertChanges(played, { ...SUCCESSFUL, type: 'normal' })
      assert.deepEqual(
        deploymentsOf(played).map(one => one.arguments),
        ['test', 'production']
      )
    }
  }),
  withTestInstance(
    {
      name: 'the test deployment fails: no request to the production instance',
      expected: 'failure',
      check({ sandbox }, testInstance) {
        assertChanges({ sandbox: testInstance }, FAILED_REVIEW)
        assert.deepEqual(sandbox.requests, [])
      }
    },
    deploy('test')
  ),
  withTestInstance({
    name: 'rejected in production: left as it is, and nothing is deployed to production',
    people: 'reject',
    expected: 'failure',
    check(played, testInstance) {
      assertChanges({ sandbox: testInstance }, STANDARD_ONE)
      assertChanges(played, REJECTED)
      assert.deepEqual(
        deploymentsOf(played).map(one => one.arguments),
        ['test']
      )
    }
  })
]

/** act has no id of the repository. */
const REPOSITORY_ID = ''

/** The change of a commit, and the inputs of the run that is started for it. */
function started(world: World, fields: Readonly<Record<string, string>>, ref = 'HEAD') {
  const { sandbox, commitOf } = world
  const where = { serverUrl: 'https://github.com', repository: 'acme-bank/shop', environment: 'production' }
  const binding = bindingOf({ commit: commitOf(ref), runId: '41', ...where })
  const change = plantOwn(sandbox, { correlation_display: binding, ...fields })
  const number = sandbox.change(change)?.number ?? 'CHG0099999'
  return {
    inputs: { 'change-number': number, 'change-sys-id': change, environment: 'production' },
    payload: { inputs: { 'change-number': number } }
  }
}

const STARTED = { event: 'workflow_dispatch', people: 'nothing' } as const

const SPLIT_RUN = [
  example('split-run-request', {
    name: 'the change exists and its approval is requested; the run does not wait',
    people: 'nothing',
    async check(played) {
      await approvalRequested(played.sandbox)
      const [change] = assertChanges(played, { approval: 'requested' })
      assert.match(change?.correlation_display ?? '', /^gha2 [0-9a-f]{40} /)
      assertNotDeployed(played)
    }
  }),
  example('split-run-deploy', {
    ...STARTED,
    name: 'approved: deployed, and the change closed as successful',
    setUp: world => started(world, { state: STATE.scheduled }),
    check(played) {
      const [change] = assertChanges(played, SUCCESSFUL)
      assertDeployed(played, ['deploy production', change])
    }
  }),
  example('split-run-deploy', {
    ...STARTED,
    name: 'the deployment fails: in Review as unsuccessful',
    files: deploy(ALWAYS),
    expected: 'failure',
    setUp: world => started(world, { state: STATE.scheduled }),
    check(played) {
      const [change] = assertChanges(played, FAILED_REVIEW)
      assertDeployed(played, ['deploy production', change])
    }
  }),
  ...(
    [
      [
        'not approved yet, whoever started it',
        {
          state: STATE.assess,
          approval: 'requested',
          assignment_group: seedId('sys_user_group', 'DevOps Team')
        },
        /timeout$/
      ],
      ['rejected', { state: STATE.new, approval: 'rejected' }, /rejected$/],
      [
        'started again, when the change is closed',
        { state: STATE.closed, close_code: 'successful' },
        /closed$/
      ],
      [
        'started again, when the first run left it in Implement',
        { state: STATE.implement },
        /unexpected-state$/
      ],
      ['started again, when the first run left it in Review', { state: STATE.review }, /unexpected-state$/]
    ] as const
  ).map(([name, fields, error]) =>
    example('split-run-deploy', {
      ...STARTED,
      name: `${name}: nothing is deployed`,
      expected: 'failure',
      setUp: world => started(world, fields),
      check(played) {
        assertChanges(played, fields)
        assertError(played, error)
        assertNotDeployed(played)
      }
    })
  ),
  example('split-run-deploy', {
    ...STARTED,
    name: 'approved for another commit: nothing is deployed',
    history: [{ tag: 'v0', files: deploy() }],
    expected: 'failure',
    setUp: world => started(world, { state: STATE.scheduled }, 'v0'),
    check(played) {
      assertChanges(played, { state: STATE.scheduled })
      assertError(played, /stale-approval$/)
      assertNotDeployed(played)
    }
  })
]

/** act has no GitHub that waits: what is let go there is tested in actions/resume-deployments. */
const RESUME = [
  ...['resume-rerun', 'split-run-resume'].map(name =>
    example(name, {
      name: 'nothing is decided: nothing is asked of GitHub',
      event: 'workflow_dispatch',
      people: 'nothing',
      setUp: ({ sandbox }) => {
        plantOwn(sandbox, { state: STATE.assess, approval: 'requested' })
        return { secrets: { GITHUB_TOKEN: 'token-of-the-run' } }
      },
      check(played) {
        assertChanges(played, { state: STATE.assess })
      }
    })
  ),
  ...['resume', 'resume-private', 'resume-ghes'].map(name =>
    example(name, {
      name: 'GitHub cannot be reached: the error says so',
      event: 'workflow_dispatch',
      people: 'nothing',
      expected: 'failure',
      vars: { RESUME_APP_CLIENT_ID: 'Iv1.resume' },
      secrets: { RESUME_APP_PRIVATE_KEY: 'key-of-the-app', GITHUB_TOKEN: 'token-of-the-run' },
      check(played) {
        assertError(played, /^Deployments: not resumed$/)
      }
    })
  )
]

/** act starts a job with an environment at once: the rule that would hold it is GitHub's. */
const BEHIND_RULE = [
  example('behind-rule', {
    name: 'not approved when the job starts, in spite of the rule: nothing is deployed, and the change is left',
    people: 'nothing',
    expected: 'failure',
    check(played) {
      assertChanges(played, { approval: 'requested' })
      assertError(played, /timeout$/)
      assertNotDeployed(played)
    }
  }),
  example('checked-rerun', {
    name: 'not approved yet: the job that checked is green, and nothing is deployed',
    people: 'nothing',
    check(played) {
      assertChanges(played, { approval: 'requested' })
      assertNotDeployed(played)
    }
  })
]

const LOST_RUN_DEPLOY = [
  example('lost-run-deploy', {
    name: 'deployed: closed as successful, to be found by the id of the run',
    check(played) {
      const [change] = assertChanges(played, SUCCESSFUL)
      assert.match(change?.correlation_id ?? '', /^deploy-\d*-1$/)
      assertDeployed(played, ['deploy production', change])
    }
  }),
  example('lost-run-deploy', {
    name: 'the deployment fails: in Review as unsuccessful',
    files: deploy(ALWAYS),
    expected: 'failure',
    check(played) {
      const [change] = assertChanges(played, FAILED_REVIEW)
      assertDeployed(played, ['deploy production', change])
    }
  }),
  example('lost-run-deploy', {
    name: 'rejected: left as it is, and nothing is deployed',
    people: 'reject',
    expected: 'failure',
    check(played) {
      assertChanges(played, REJECTED)
      assertNotDeployed(played)
    }
  })
]

const LOST = `deploy-${REPOSITORY_ID}-42`

/** Run 42 is over; `status` is the status of that run in GitHub's API. */
function closer(
  conclusion: string,
  scenario: Omit<Scenario, 'subject' | 'files'>,
  status = 'completed'
): Scenario {
  const html_url = 'https://github.com/acme-bank/shop/actions/runs/42'
  return example('lost-run-close', {
    event: 'workflow_run',
    payload: { action: 'completed', workflow_run: { id: 42, name: 'Deploy', conclusion, html_url } },
    people: 'nothing',
    env: {
      PATH: `${join(ROOT, 'test/workflows/stand-ins/gh')}:${process.env.PATH}`,
      STAND_IN_RUN_STATUS: status
    },
    ...scenario,
    secrets: { GITHUB_TOKEN: 'token-of-the-run', ...scenario.secrets }
  })
}

const changeIn = (fields: Readonly<Record<string, string>>) => ({
  setUp({ sandbox }: { sandbox: Sandbox }) {
    plantOwn(sandbox, { correlation_id: LOST, ...fields })
    return {}
  }
})

/** The change is unchanged, and nothing was written. */
const untouched =
  (fields: Readonly<Record<string, string>>): Scenario['check'] =>
  played => {
    const [change] = assertChanges(played, fields)
    assert.deepEqual(notesOf(played.sandbox, change), [])
    assert.deepEqual(
      played.sandbox.requests.filter(one => one.method !== 'GET' && one.path !== '/oauth_token.do'),
      []
    )
  }

const LEFT_ALONE = {
  'waiting for approval': { state: STATE.assess, approval: 'requested' },
  approved: { state: STATE.scheduled, approval: 'approved' },
  rejected: { ...REJECTED },
  'in Review for a person': { ...FAILED_REVIEW },
  closed: { state: STATE.closed, close_code: 'successful' },
  canceled: { ...CANCELED }
}

const LOST_RUN_CLOSE = [
  ...(['failure', 'cancelled', 'timed_out'] as const).map(conclusion =>
    closer(conclusion, {
      ...changeIn({ state: STATE.implement }),
      name: `left in Implement, the run ended with ${conclusion}: closed as unsuccessful`,
      check(played) {
        const [change] = assertChanges(played, UNSUCCESSFUL)
        assertNote(played, change, `run ended with ${conclusion}: https://github.com/acme-bank/shop/`)
      }
    })
  ),
  closer('success', {
    ...changeIn({ state: STATE.implement }),
    name: 'left in Implement, ServiceNow was unavailable when a good run ended: closed as successful',
    check(played) {
      assertChanges(played, SUCCESSFUL)
    }
  }),
  ...Object.entries(LEFT_ALONE).map(([what, fields]) =>
    closer('failure', { ...changeIn(fields), name: `${what}: left as it is`, check: untouched(fields) })
  ),
  closer('failure', {
    name: 'the change was never created: nothing to do, and no failure',
    check: played => {
      assertChanges(played)
      assert.deepEqual(
        played.run.annotations.map(one => one.kind),
        ['notice']
      )
    }
  }),
  closer(
    'failure',
    {
      ...changeIn({ state: STATE.implement }),
      name: 'the run was started again: left as it is',
      check: untouched({ state: STATE.implement })
    },
    'in_progress'
  ),
  closer('failure', {
    ...changeIn({ state: STATE.implement }),
    name: 'credentials that are refused: the run fails',
    secrets: { SERVICENOW_CLIENT_SECRET: 'expired' },
    expected: 'failure',
    check(played) {
      untouched({ state: STATE.implement })(played)
      assert.deepEqual(
        played.run.steps.filter(one => one.stage === 'Main').map(one => one.result),
        ['success', 'success', 'failure']
      )
    }
  })
]

export const JOBS_AND_RUNS: readonly Scenario[] = [
  ...MATRIX,
  ...MATRIX_SHARED,
  ...MONOREPO,
  ...TWO_INSTANCES,
  ...SPLIT_RUN,
  ...RESUME,
  ...BEHIND_RULE,
  ...LOST_RUN_DEPLOY,
  ...LOST_RUN_CLOSE
]
