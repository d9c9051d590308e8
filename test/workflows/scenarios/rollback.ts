import assert from 'node:assert/strict'
import { bindingOf } from '@change-actions/change-control'
import type { Played, Scenario, World } from '../scenario.ts'
import {
  assertChange,
  assertDeployment,
  assertError,
  assertNotes,
  calling,
  changesSince,
  DONE,
  LOCAL_ACTION,
  outputsOf,
  plantDeployed,
  refused,
  SOON,
  STATES,
  UNSUCCESSFUL
} from './shop.ts'

const subject = 'rollback'

const SCOPE = { serverUrl: 'https://github.com', repository: 'acme-bank/shop', environment: 'production' }

const FAILED = {
  environment: 'production',
  'failed-change': 'CHG0030001',
  'deployment-result': 'failure',
  command: './deploy.sh',
  ...SOON
}

const call = (more: Readonly<Record<string, string>> = {}) => ({
  workflow: subject,
  with: { ...FAILED, ...more }
})

/** The change of the deployment that failed, as the gate left it. */
function plantFailed({ sandbox }: World) {
  const sysId = sandbox.insert('change_request', {
    correlation_display: bindingOf({ ...SCOPE, commit: 'f'.repeat(40), runId: '800' }),
    short_description: 'Deploy the shop 1.4.2',
    state: STATES.review,
    approval: 'approved',
    close_code: 'unsuccessful'
  })
  sandbox.set('change_request', sysId, { sys_created_by: 'gha.deployer' })
  return {}
}

/** The same, after a deployment of a ref that succeeded. */
const plantBoth = (ref: string) => (world: World) => {
  plantDeployed(world.sandbox, world.commitOf(ref))
  return plantFailed(world)
}

/** The change of the rollback; the failed one is unchanged. */
function rollbackChange({ sandbox }: Played) {
  const [failed, rollback, ...others] = changesSince(sandbox)
  assert.ok(failed !== undefined && rollback !== undefined, 'there is no change for the rollback')
  assert.deepEqual(others, [])
  assertChange(failed, { number: 'CHG0030001', state: STATES.review, close_code: 'unsuccessful' })
  assert.equal(rollback.parent, failed.sys_id)
  return rollback
}

function assertNotRolledBack(played: Played): void {
  assert.equal(played.record('deployed'), undefined, 'it was rolled back')
}

/** Nothing is done, no request is sent, and a notice says why. */
const notNeeded = (result: string): Scenario => ({
  subject,
  name: `deployment-result ${result || 'empty'}: nothing is rolled back, and a notice says so`,
  files: calling(call({ 'deployment-result': result })),
  setUp: plantFailed,
  check(played) {
    const [notice] = played.run.annotations.filter(one => one.kind === 'notice')
    assert.equal(notice?.title, 'No rollback')
    assert.match(notice?.text ?? '', new RegExp(`'${result || 'unknown'}'`))
    assert.equal(played.sandbox.rows('change_request').length, 1)
    assert.deepEqual(played.sandbox.requests, [])
    assertNotRolledBack(played)
  }
})

export const ROLLBACK: readonly Scenario[] = [
  {
    subject,
    name: 'with a template: a standard change linked to the failed one, the old version deployed, closed as successful',
    files: calling({
      ...call({
        'rollback-template': 'rollback-template',
        ref: 'v1.4.1',
        'evidence-files': 'reports/*.txt'
      }),
      deploy: 'fails'
    }),
    history: [{ tag: 'v1.4.1', files: calling(call()) }],
    setUp: plantBoth('v1.4.1'),
    people: 'nothing',
    check(played) {
      const change = rollbackChange(played)
      assertChange(change, { ...DONE, type: 'standard' })
      assertDeployment(played, { DEPLOY_VERSION: 'v1.4.1', CHANGE_NUMBER: change.number ?? '' })
      assertNotes(played, change.sys_id, ['Rollback of CHG0030001 started.', 'smoke.txt'])
      assert.equal(played.sandbox.attachments(change.sys_id)[0]?.bytes.toString(), 'deployed v1.4.1\n')
      const { 'change-url': _, metrics, ...outputs } = outputsOf(played)
      assert.ok(JSON.parse(metrics ?? '').requests > 0)
      assert.deepEqual(outputs, {
        'change-number': change.number,
        'change-sys-id': change.sys_id,
        'change-state': 'closed',
        approved: 'true',
        outcome: 'approved',
        'deployment-result': 'success'
      })
    }
  },
  {
    subject,
    name: 'without one: an emergency change, approved, closed as successful',
    files: calling(
      call({ 'assignment-group': 'DevOps Team', 'cmdb-ci': 'prod-k8s-cluster', version: '1.4.1' })
    ),
    setUp: plantFailed,
    check(played) {
      const change = rollbackChange(played)
      assertChange(change, {
        ...DONE,
        type: 'emergency',
        approval: 'approved',
        short_description: 'Roll back acme-bank/shop in production after CHG0030001',
        justification: 'The deployment under CHG0030001 failed.'
      })
      assertDeployment(played, { DEPLOY_VERSION: '1.4.1' })
    }
  },
  {
    subject,
    name: 'the emergency change is rejected: canceled, nothing rolled back',
    files: calling(call({ 'assignment-group': 'DevOps Team' })),
    setUp: plantFailed,
    people: 'reject',
    expected: 'failure',
    check(played) {
      assertChange(rollbackChange(played), { state: STATES.canceled })
      assertNotRolledBack(played)
      assertError(played, 'Change CHG0030002: rejected', /quarter-end freeze/)
    }
  },
  {
    subject,
    name: 'with a template, to a commit that was never deployed here: refused, no change',
    files: calling(call({ 'rollback-template': 'rollback-template' })),
    setUp: plantFailed,
    expected: 'failure',
    check(played) {
      assert.equal(played.sandbox.rows('change_request').length, 1)
      assertNotRolledBack(played)
      assertError(played, 'Change CHG0030001: rollback-refused', /was deployed here before/)
    }
  },
  {
    subject,
    name: 'the rollback itself fails: closed as unsuccessful',
    files: calling({ ...call({ 'rollback-template': 'rollback-template' }), deploy: 'fails' }),
    setUp: plantBoth('HEAD'),
    expected: 'failure',
    check(played) {
      assertChange(rollbackChange(played), UNSUCCESSFUL)
    }
  },
  {
    subject,
    name: 'rolled back, but the report is missing: the run fails, the change is closed as successful',
    files: calling(
      call({ 'rollback-template': 'rollback-template', 'evidence-files': 'reports/missing.xml' })
    ),
    setUp: plantBoth('HEAD'),
    expected: 'failure',
    check(played) {
      assertChange(rollbackChange(played), DONE)
    }
  },
  {
    subject,
    name: "the repository's own rollback action, not the command",
    files: {
      ...calling(call({ 'rollback-template': 'rollback-template', command: 'exit 1' })),
      ...LOCAL_ACTION('rollback')
    },
    setUp: plantBoth('HEAD'),
    check(played) {
      assertChange(rollbackChange(played), DONE)
      assertDeployment(played, { DEPLOY_ENVIRONMENT: 'production' }, 'rollback-action')
    }
  },
  {
    subject,
    name: 'neither action nor command: refused, no change',
    files: calling(call({ command: '' })),
    setUp: plantFailed,
    expected: 'failure',
    check(played) {
      assertError(played, 'No rollback command', '.github/actions/rollback/action.yml')
      assert.deepEqual(played.sandbox.requests, [])
    }
  },
  {
    subject,
    name: 'the failed change does not exist: refused, no change',
    files: calling(call({ 'failed-change': 'CHG0039999' })),
    setUp: plantFailed,
    expected: 'failure',
    check(played) {
      assert.equal(played.sandbox.rows('change_request').length, 1)
      assertNotRolledBack(played)
      assert.match(played.run.annotations[0]?.text ?? '', /CHG0039999/)
    }
  },
  {
    subject,
    name: 'after a deployment that fails under the gate: one change each, linked',
    files: {
      ...calling({ ...call(), deploy: 'fails' }),
      'rollback.sh': 'env | grep "^DEPLOY_" > "$RECORDS/rolled-back"\n',
      '.github/workflows/release.yml': failingDeployment()
    },
    setUp(world) {
      plantDeployed(world.sandbox, world.commitOf('HEAD'))
      return {}
    },
    expected: 'failure',
    check(played) {
      const [failed, rollback, ...others] = changesSince(played.sandbox)
      assert.deepEqual(others, [])
      assertChange(failed ?? {}, { state: STATES.review, close_code: 'unsuccessful', type: 'normal' })
      assertChange(rollback ?? {}, { ...DONE, type: 'standard', parent: failed?.sys_id ?? '' })
      assert.match(played.record('rolled-back') ?? '', /DEPLOY_VERSION=1\.4\.1/)
    }
  },
  notNeeded('success'),
  notNeeded('skipped'),
  notNeeded('cancelled'),
  notNeeded(''),
  refused(
    {
      subject,
      name: 'an unknown result, no failed change and no secret: all named in one error',
      files: calling(call({ 'deployment-result': 'failed', 'failed-change': '' })),
      secrets: { SERVICENOW_CLIENT_SECRET: '' }
    },
    [
      '`deployment-result` must be success, failure, cancelled, skipped or empty, not `failed`',
      'Input `failed-change` is missing',
      'No credentials are given'
    ]
  )
]

/** The deployment as steps: act ends a run in which a called workflow fails, where GitHub goes on. */
function failingDeployment(): string {
  return `on: push
jobs:
  deploy:
    runs-on: ubuntu-latest
    outputs:
      change-number: \${{ steps.gate.outputs.change-number }}
      deployment-result: \${{ steps.deploy.outcome }}
    steps:
      - uses: actions/checkout@v6
      - id: gate
        uses: change-actions/servicenow@v1
        with:
          instance: \${{ vars.SERVICENOW_INSTANCE }}
          client-id: \${{ vars.SERVICENOW_CLIENT_ID }}
          client-secret: \${{ secrets.SERVICENOW_CLIENT_SECRET }}
          environment: production
          assignment-group: DevOps Team
          timeout: 60
          poll-interval: 1
      - id: deploy
        run: ./deploy.sh
  rollback:
    needs: deploy
    if: \${{ !cancelled() && needs.deploy.outputs.deployment-result == 'failure' }}
    uses: change-actions/servicenow/.github/workflows/rollback.yml@v1
    permissions: { contents: read, actions: read, deployments: read, pull-requests: read, checks: read, statuses: read, id-token: write }
    with:
      environment: production
      failed-change: \${{ needs.deploy.outputs.change-number }}
      deployment-result: \${{ needs.deploy.outputs.deployment-result }}
      rollback-template: rollback-template
      version: 1.4.1
      command: bash rollback.sh
      poll-interval: 1s
    secrets: inherit
`
}
