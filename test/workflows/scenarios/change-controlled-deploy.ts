import assert from 'node:assert/strict'
import { seedId } from '@change-actions/sandbox'
import type { Scenario } from '../scenario.ts'
import { plantOwn } from './examples-kit.ts'
import {
  assertChange,
  assertDeployment,
  assertError,
  assertNotDeployed,
  assertNotes,
  type Call,
  calling,
  DONE,
  deploymentOf,
  errorsOf,
  LOCAL_ACTION,
  onlyChange,
  outputsOf,
  refused,
  SOON,
  STATES,
  twoCalls
} from './shop.ts'

const subject = 'change-controlled-deploy'

const PRODUCTION = {
  environment: 'production',
  version: '1.4.2',
  command: './deploy.sh',
  'assignment-group': 'DevOps Team',
  'cmdb-ci': 'prod-k8s-cluster',
  ...SOON
}

/** Quotes, substitutions, commands of the runner, new lines. */
const HOSTILE = `1.0"; touch "$RECORDS/injected" #\n::error title=x::y\n$(touch "$RECORDS/injected")'##[error]z`

const POLICY = '.github/servicenow-change.yml'
const FREE_PRODUCTION = { [POLICY]: 'environments:\n  production: { change-controlled: false }\n' }

const call = (more: Call['with'] = {}) => ({
  workflow: subject,
  with: { ...PRODUCTION, ...more }
})

export const CHANGE_CONTROLLED_DEPLOY: readonly Scenario[] = [
  {
    subject,
    name: 'approved and deployed: closed as successful, with notes and evidence',
    files: calling(call({ 'evidence-files': 'reports/*.txt' })),
    secrets: { DEPLOY_TOKEN: 'deploy-token-of-the-shop' },
    check(played) {
      const change = onlyChange(played)
      assertChange(change, {
        ...DONE,
        approval: 'approved',
        type: 'normal',
        short_description: 'Deploy "acme-bank/shop" version 1.4.2 to "production"'
      })
      assertDeployment(played, {
        DEPLOY_ENVIRONMENT: 'production',
        DEPLOY_VERSION: '1.4.2',
        DEPLOY_TOKEN: 'deploy-token-of-the-shop',
        CHANGE_NUMBER: change.number ?? '',
        CHANGE_SYS_ID: change.sys_id
      })
      const [file, ...others] = played.sandbox.attachments(change.sys_id)
      assert.equal(file?.bytes.toString(), 'deployed 1.4.2\n')
      assert.deepEqual(others, [])
      assertNotes(played, change.sys_id, ['smoke.txt'])
      const { 'change-url': url, metrics, ...outputs } = outputsOf(played)
      assert.ok(JSON.parse(metrics ?? '').requests > 0)
      assert.match(url ?? '', new RegExp(change.sys_id))
      assert.deepEqual(outputs, {
        'change-number': change.number,
        'change-sys-id': change.sys_id,
        approved: 'true',
        outcome: 'approved',
        'deployment-result': 'success'
      })
    }
  },
  {
    subject,
    name: 'the deployment fails: Review, close code unsuccessful, its report attached',
    files: calling({ ...call({ 'evidence-files': 'reports/*.txt' }), deploy: 'fails' }),
    expected: 'failure',
    check(played) {
      const change = onlyChange(played)
      assertChange(change, { state: STATES.review, close_code: 'unsuccessful', approval: 'approved' })
      const files = played.sandbox.attachments(change.sys_id)
      assert.deepEqual(
        files.map(one => one.bytes.toString()),
        ['no response\n']
      )
    }
  },
  {
    subject,
    name: 'rejected: nothing deployed, the change left as it is',
    files: calling(call()),
    people: 'reject',
    expected: 'failure',
    check(played) {
      const change = onlyChange(played)
      assertChange(change, { state: STATES.new, approval: 'rejected' })
      assertNotDeployed(played)
      assertError(played, 'Change CHG0030001: rejected', /quarter-end freeze/)
    }
  },
  {
    subject,
    name: 'nobody decides in time: nothing deployed',
    files: calling(call({ timeout: '2' })),
    people: 'nothing',
    expected: 'failure',
    check(played) {
      assertChange(onlyChange(played), { approval: 'requested' })
      assertNotDeployed(played)
      assertError(played, 'Change CHG0030001: timeout', '')
    }
  },
  {
    subject,
    name: 'the window opens after the wait would end: stops at once, nothing deployed',
    files: calling(call({ 'start-date': '+3h', 'end-date': '+4h' })),
    expected: 'failure',
    check(played) {
      assertChange(onlyChange(played), { approval: 'approved' })
      assertNotDeployed(played)
      assertError(played, 'Change CHG0030001: window-not-open', '')
    }
  },
  {
    subject,
    name: "the repository's own action deploys, not the command",
    files: { ...calling(call({ command: 'exit 1' })), ...LOCAL_ACTION('deploy') },
    check(played) {
      assertChange(onlyChange(played), DONE)
      assertDeployment(played, { DEPLOY_ENVIRONMENT: 'production', DEPLOY_VERSION: '1.4.2' }, 'deploy-action')
      assert.equal(outputsOf(played)['deployment-result'], 'success')
    }
  },
  {
    subject,
    name: 'neither action nor command: refused after checkout, no change',
    files: calling(call({ command: '' })),
    expected: 'failure',
    check(played) {
      assertError(played, 'No deployment command', /\.github\/actions\/deploy\/action\.yml.*`command`/)
      assert.deepEqual(played.sandbox.requests, [])
    }
  },
  {
    subject,
    name: 'ref: the tag is checked out and deployed, and names the version',
    files: calling({ ...call({ ref: 'v1.4.1', version: '' }), deploy: 'fails' }),
    history: [{ tag: 'v1.4.1', files: calling(call()) }],
    check(played) {
      assertChange(onlyChange(played), {
        ...DONE,
        short_description: 'Deploy "acme-bank/shop" version v1.4.1 to "production"'
      })
      assertDeployment(played, { DEPLOY_VERSION: 'v1.4.1' })
      // Approval is for what is checked out, not for the commit of the run.
      const commit =
        /^Commit: ([0-9a-f]{40}) \(the run is of /m.exec(onlyChange(played).description ?? '')?.[1] ?? ''
      assert.equal(commit, played.record('commit')?.trim())
      assert.ok(onlyChange(played).correlation_display?.startsWith(`gha2 ${commit} `))
    }
  },
  {
    subject,
    name: 'a branch with the name of the tag: the tag is deployed',
    files: calling({ ...call({ ref: 'v1.4.1', version: '' }), deploy: 'fails' }),
    history: [{ tag: 'v1.4.1', files: calling(call()) }],
    branch: 'v1.4.1',
    check(played) {
      assertChange(onlyChange(played), DONE)
      assertDeployment(played, { DEPLOY_VERSION: 'v1.4.1' })
    }
  },
  {
    subject,
    name: 'two calls in one run, of one environment: a change for each',
    files: twoCalls(call({ command: './deploy.sh api' }), call({ command: './deploy.sh web' })),
    check(played) {
      const changes = played.sandbox.rows('change_request')
      assert.equal(changes.length, 2)
      for (const change of changes) assertChange(change, DONE)
      const [api, web] = ['api', 'web'].map(name => deploymentOf(played, name).CHANGE_NUMBER)
      assert.notEqual(api, web)
    }
  },
  {
    subject,
    name: 'two calls in one run, alike but for the runner: a change for each',
    files: twoCalls(call(), call({ 'runs-on': '["ubuntu-latest"]' })),
    check(played) {
      const changes = played.sandbox.rows('change_request')
      assert.equal(changes.length, 2)
      for (const change of changes) assertChange(change, DONE)
    }
  },
  {
    subject,
    name: 'within one organization: secrets inherited',
    files: calling({ ...call(), secrets: 'inherit' }),
    check(played) {
      assertChange(onlyChange(played), DONE)
    }
  },
  {
    subject,
    name: 'ref: a policy that frees the environment in the older commit does not count',
    files: calling(call({ ref: 'v1.4.1', version: '' })),
    history: [{ tag: 'v1.4.1', files: { ...calling(call()), ...FREE_PRODUCTION } }],
    gone: [POLICY],
    people: 'reject',
    expected: 'failure',
    check(played) {
      assertChange(onlyChange(played), { approval: 'rejected' })
      assertNotDeployed(played)
    }
  },
  {
    subject,
    name: 'ref: the policy of the run counts for the older commit too',
    files: {
      ...calling(call({ ref: 'v1.4.1', version: '', 'assignment-group': '' })),
      [POLICY]: 'defaults: { assignment-group: CAB Approval }\nunlisted: controlled\n'
    },
    history: [{ tag: 'v1.4.1', files: { ...calling(call()), ...FREE_PRODUCTION } }],
    check(played) {
      const change = onlyChange(played)
      assertChange(change, { ...DONE, assignment_group: seedId('sys_user_group', 'cab-approval') })
      assertDeployment(played, { DEPLOY_VERSION: 'v1.4.1' })
    }
  },
  {
    subject,
    name: 'ref: an environment that the policy of the run frees: deployed, no request to the instance',
    files: { ...calling(call({ ref: 'v1.4.1', version: '' })), ...FREE_PRODUCTION },
    history: [{ tag: 'v1.4.1', files: { ...calling(call()), [POLICY]: 'unlisted: controlled\n' } }],
    check(played) {
      assert.deepEqual(played.sandbox.requests, [])
      assertDeployment(played, { DEPLOY_VERSION: 'v1.4.1', CHANGE_NUMBER: '' })
      const [notice] = played.run.annotations.filter(one => one.kind === 'notice')
      assert.match(notice?.text ?? '', new RegExp(`commit ${played.commitOf('main').slice(0, 12)}`))
    }
  },
  {
    subject,
    name: 'ref: a named policy file that the commit of the run does not have: refused, no change',
    files: calling(call({ ref: 'v1.4.1', version: '', 'policy-file': 'policy.yml' })),
    history: [{ tag: 'v1.4.1', files: { ...calling(call()), 'policy.yml': FREE_PRODUCTION[POLICY] } }],
    gone: ['policy.yml'],
    expected: 'failure',
    check(played) {
      assertError(played, 'Input error', /`policy-file` names policy\.yml, which is not in the commit/)
      assert.deepEqual(played.sandbox.requests, [])
      assertNotDeployed(played)
    }
  },
  {
    subject,
    name: 'an environment that the policy file frees: deployed, no request to the instance',
    files: {
      ...calling(call({ environment: 'dev' })),
      '.github/servicenow-change.yml': 'environments:\n  dev: { change-controlled: false }\n'
    },
    check(played) {
      assert.deepEqual(played.sandbox.requests, [])
      assertDeployment(played, { DEPLOY_ENVIRONMENT: 'dev', CHANGE_NUMBER: '' })
      const { approved, outcome } = outputsOf(played)
      assert.deepEqual({ approved, outcome }, { approved: 'false', outcome: 'not-required' })
    }
  },
  {
    subject,
    name: 'an environment that the policy file frees needs no credentials when the call says so',
    files: {
      ...calling(call({ environment: 'dev', 'without-credentials': true })),
      '.github/servicenow-change.yml': 'environments:\n  dev: { change-controlled: false }\n'
    },
    secrets: { SERVICENOW_CLIENT_SECRET: '' },
    check(played) {
      assert.deepEqual(played.sandbox.requests, [])
      assertDeployment(played, { DEPLOY_ENVIRONMENT: 'dev', CHANGE_NUMBER: '' })
    }
  },
  {
    subject,
    name: 'without credentials for an environment that is controlled: the gate does not open',
    files: calling(call({ 'without-credentials': true })),
    secrets: { SERVICENOW_CLIENT_SECRET: '' },
    expected: 'failure',
    check(played) {
      assertNotDeployed(played)
      assertError(played, 'Input error', /credentials/i)
    }
  },
  {
    subject,
    name: 'an existing change, named by number: deployed under, left for people to close',
    files: calling({
      workflow: subject,
      with: { environment: 'production', 'change-number': 'CHG0030001', command: './deploy.sh', ...SOON }
    }),
    setUp: ({ sandbox }) => {
      sandbox.insert('change_request', {
        short_description: 'Quarterly release of the shop',
        type: 'normal',
        state: '-2',
        approval: 'approved'
      })
      return {}
    },
    check(played) {
      const change = onlyChange(played)
      assertChange(change, {
        state: STATES.implement,
        short_description: 'Quarterly release of the shop',
        close_code: ''
      })
      assertDeployment(played, { CHANGE_NUMBER: 'CHG0030001' })
    }
  },
  {
    subject,
    name: 'on-success: review: a person closes it',
    files: calling(call({ 'on-success': 'review', 'correlation-id': 'shop-1.4.2-production' })),
    check(played) {
      const change = onlyChange(played)
      assertChange(change, { state: STATES.review, correlation_id: 'shop-1.4.2-production' })
    }
  },
  {
    subject,
    name: 'deployed, but the report is missing: the run fails, and nothing is rolled back',
    files: calling(call({ 'evidence-files': 'reports/missing.xml' })),
    expected: 'failure',
    check(played) {
      // The deployment counts, not the report.
      assertChange(onlyChange(played), DONE)
      assertDeployment(played, { DEPLOY_VERSION: '1.4.2' })
      const deployed = played.run.steps.find(one => one.name === 'Deploy by command' && one.stage === 'Main')
      assert.equal(deployed?.result, 'success')
    }
  },
  {
    subject,
    name: 'an API key, while the variable with the client id is set for others',
    files: calling(call()),
    secrets: { SERVICENOW_CLIENT_SECRET: '', SERVICENOW_API_KEY: 'sandbox-api-key' },
    check(played) {
      assertChange(onlyChange(played), DONE)
    }
  },
  {
    subject,
    name: 'instance, client id, Table API and a list of labels given as inputs',
    files: calling(
      call({
        instance: '${{ vars.SANDBOX }}',
        'client-id': 'github-actions',
        api: 'table',
        'runs-on': '["ubuntu-latest"]',
        'deployment-timeout-minutes': 5
      })
    ),
    vars: { SERVICENOW_INSTANCE: 'https://wrong.example', SERVICENOW_CLIENT_ID: 'wrong' },
    setUp: ({ sandbox }) => ({ vars: { SANDBOX: sandbox.url } }),
    check(played) {
      assertChange(onlyChange(played), DONE)
      const ours = played.sandbox.requests.filter(one =>
        one.userAgent.startsWith('change-actions-servicenow/')
      )
      assert.equal(
        ours.some(one => one.path.includes('/sn_chg_rest/')),
        false
      )
    }
  },
  {
    subject,
    name: 'rejected before and corrected: resubmitted, approved and deployed',
    files: calling(call({ 'correlation-id': 'shop-1.4.2-production', resubmit: true })),
    setUp: ({ sandbox }) => {
      plantOwn(sandbox, {
        short_description: 'Deploy "acme-bank/shop" version 1.4.2 to "production"',
        state: STATES.new,
        approval: 'rejected',
        correlation_id: 'shop-1.4.2-production',
        cmdb_ci: seedId('cmdb_ci', 'prod-k8s-cluster')
      })
      return {}
    },
    check(played) {
      assertChange(onlyChange(played), { ...DONE, number: 'CHG0030001', approval: 'approved' })
    }
  },
  {
    subject,
    name: 'hostile text in version, command and description stays text',
    files: calling(
      call({
        version: HOSTILE,
        description: HOSTILE,
        command: `printf '%s' "$DEPLOY_VERSION" > "$RECORDS/version"\nfalse | true || { ./deploy.sh; }`
      })
    ),
    check(played) {
      const change = onlyChange(played)
      assertChange(change, { ...DONE, description: HOSTILE })
      assert.equal(played.record('version'), HOSTILE)
      assert.equal(played.record('injected'), undefined)
      assert.deepEqual(errorsOf(played), [])
    }
  },
  refused(
    {
      subject,
      name: 'no secret: refused in the first step',
      files: calling(call()),
      secrets: { SERVICENOW_CLIENT_SECRET: '' }
    },
    ['No credentials are given', 'SERVICENOW_CLIENT_SECRET', 'by name under `secrets:`', 'secrets: inherit']
  ),
  refused(
    {
      subject,
      name: 'a secret that is passed but does not exist: refused in the first step',
      files: calling({
        ...call(),
        secrets: {
          SERVICENOW_USERNAME: '${{ secrets.SN_USER }}',
          SERVICENOW_PASSWORD: '${{ secrets.SN_PASSWORD }}',
          SERVICENOW_TOKEN: '${{ secrets.SN_TOKEN }}',
          SERVICENOW_CLIENT_CERTIFICATE: '${{ secrets.SN_CERTIFICATE }}'
        }
      }),
      secrets: { SN_USER: 'gha.deployer', SN_TOKEN: 'a-token', SN_CERTIFICATE: 'a-certificate' }
    },
    [
      'SERVICENOW_USERNAME is given without SERVICENOW_PASSWORD',
      'SERVICENOW_CLIENT_CERTIFICATE is given without SERVICENOW_CLIENT_KEY',
      'Several sets of credentials'
    ]
  ),
  refused(
    {
      subject,
      name: 'neither instance nor client id: refused in the first step',
      files: calling(call()),
      vars: { SERVICENOW_INSTANCE: '', SERVICENOW_CLIENT_ID: '' }
    },
    [
      'No instance is given',
      'variable SERVICENOW_INSTANCE',
      'without a client id',
      'variable SERVICENOW_CLIENT_ID'
    ]
  ),
  refused(
    {
      subject,
      name: 'wrong values: all named in one error',
      files: calling(
        call({
          type: 'urgent',
          timeout: 'soon',
          'poll-interval': '1 minute',
          'start-date': '2026-12-01 22:00',
          'change-number': '30001',
          'on-success': 'done',
          'deployment-timeout-minutes': 0,
          ref: 'refs/heads/main'
        })
      )
    },
    [
      '`type` must be normal, standard or emergency, not `urgent`',
      '`timeout` must be a duration',
      '`poll-interval` must be a duration',
      '`start-date` must be a date with a zone',
      '`change-number` must be a number such as CHG0030001, not `30001`',
      '`on-success` must be close, review or none, not `done`',
      '`deployment-timeout-minutes` must be a number of minutes, 1 or more, not `0`',
      'names a branch'
    ]
  ),
  refused(
    {
      subject,
      name: 'hostile text in a wrong value: refused, and harmless in the message',
      files: calling(call({ type: HOSTILE, timeout: '%0A::warning::x' }))
    },
    [/`type` must be normal, standard or emergency, not `[^\n]*`/, '`timeout` must be']
  )
]
