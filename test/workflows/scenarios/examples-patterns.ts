/** The patterns of change: full lifecycle, emergency, standard, evidence, rollback. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type Loopback, serve } from '../../../packages/servicenow-client/src/testing/loopback.ts'
import { approvalRequested } from '../people.ts'
import { ROOT } from '../repositories.ts'
import type { Scenario } from '../scenario.ts'
import {
  ALWAYS,
  assertChanges,
  assertDeployed,
  assertError,
  assertNotDeployed,
  assertNote,
  attachmentsOf,
  CANCELED,
  deploy,
  deploymentsOf,
  example,
  FAILED_REVIEW,
  REJECTED,
  rollback,
  SUCCESSFUL,
  UNSUCCESSFUL
} from './examples-kit.ts'
import { plantDeployed } from './shop.ts'

const FULL_LIFECYCLE = [
  example('full-lifecycle', {
    name: 'approved and deployed: closed as successful, with the report attached',
    check(played) {
      const [change] = assertChanges(played, { ...SUCCESSFUL, type: 'normal' })
      assertDeployed(played, ['deploy production', change])
      assertNote(played, change, 'The deployment has started')
      assertNote(played, change, 'deployment.txt')
      assert.deepEqual(attachmentsOf(played.sandbox, change), {
        'deployment.txt': 'deploy production done\n'
      })
    }
  }),
  example('full-lifecycle', {
    name: 'the deployment fails: closed as unsuccessful, with the report attached',
    files: deploy(ALWAYS),
    expected: 'failure',
    check(played) {
      const [change] = assertChanges(played, UNSUCCESSFUL)
      assertDeployed(played, ['deploy production', change])
      assert.deepEqual(Object.keys(attachmentsOf(played.sandbox, change)), ['deployment.txt'])
    }
  }),
  example('full-lifecycle', {
    name: 'deployed, but the report is refused: the run fails, the change is closed as successful',
    sandbox: { attachmentExtensions: ['pdf'] },
    expected: 'failure',
    check(played) {
      const [change] = assertChanges(played, SUCCESSFUL)
      assertDeployed(played, ['deploy production', change])
      assert.deepEqual(attachmentsOf(played.sandbox, change), {})
    }
  }),
  example('full-lifecycle', {
    name: 'rejected: canceled, and nothing is deployed',
    people: 'reject',
    expected: 'failure',
    check(played) {
      const [change] = assertChanges(played, CANCELED)
      assertNotDeployed(played)
      assertError(played, /rejected$/)
      assertNote(played, change, 'Canceled:')
    }
  })
]

const CVE = { 'cve-id': 'CVE-2026-12345', justification: 'It is exploited: "$(touch $RECORDS/owned)" & `id`' }

/** The on-call channel is a server of the test, which records the requests. */
function withChannel(): Scenario {
  let slack: Loopback
  return example('emergency', {
    name: 'approved at once, the channel is notified: an emergency change, closed as successful',
    event: 'workflow_dispatch',
    inputs: CVE,
    async setUp({ atEnd }) {
      slack = await serve((_, response) => response.end('ok'))
      atEnd(() => void slack.close())
      return { secrets: { SLACK_WEBHOOK_URL: `${slack.origin}/services/T0/B0/x` } }
    },
    check(played) {
      const [change] = assertChanges(played, {
        ...SUCCESSFUL,
        type: 'emergency',
        priority: '1',
        short_description: 'EMERGENCY: security patch CVE-2026-12345',
        justification: CVE.justification
      })
      assertDeployed(played, ['deploy production', change])
      assert.equal(played.record('owned'), undefined)
      const [message, ...others] = slack.seen
      assert.deepEqual(others, [])
      const { text } = JSON.parse(message?.body.toString() ?? '{}') as { text?: string }
      assert.match(text ?? '', new RegExp(`^Emergency change ${change?.number} needs approval now http`))
    }
  })
}

const EMERGENCY = [
  withChannel(),
  example('emergency', {
    name: 'without a channel, the deployment fails: closed as unsuccessful',
    event: 'workflow_dispatch',
    inputs: CVE,
    files: deploy(ALWAYS),
    expected: 'failure',
    check(played) {
      const [change] = assertChanges(played, { ...UNSUCCESSFUL, type: 'emergency' })
      assertDeployed(played, ['deploy production', change])
    }
  }),
  example('emergency', {
    name: 'rejected: canceled, and nothing is deployed',
    event: 'workflow_dispatch',
    inputs: CVE,
    people: 'reject',
    expected: 'failure',
    check(played) {
      assertChanges(played, { ...CANCELED, type: 'emergency' })
      assertNotDeployed(played)
    }
  })
]
const STANDARD = [
  example('standard', {
    name: 'deployed without an approval by a person: closed as successful',
    people: 'nothing',
    check(played) {
      const [change] = assertChanges(played, { ...SUCCESSFUL, type: 'standard' })
      assertDeployed(played, ['deploy production', change])
      assert.deepEqual(played.sandbox.approvers(change?.sys_id ?? ''), [])
    }
  }),
  example('standard', {
    name: 'the deployment fails: closed as unsuccessful',
    files: deploy(ALWAYS),
    people: 'nothing',
    expected: 'failure',
    check(played) {
      const [change] = assertChanges(played, { ...UNSUCCESSFUL, type: 'standard' })
      assertDeployed(played, ['deploy production', change])
    }
  })
]

const JUNIT = '<testsuite tests="2" failures="0"><testcase name="a"/><testcase name="b"/></testsuite>\n'
const SARIF = '{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"scanner"}},"results":[]}]}\n'
const report = (file: string, text: string) =>
  `#!/usr/bin/env bash\nset -eu\nmkdir -p reports\nprintf '%s' '${text}' > reports/${file}\n`
const REPORTS = { 'test.sh': report('junit.xml', JUNIT), 'scan.sh': report('scan.sarif', SARIF) }
const EARLY = { 'Test results.xml': JUNIT, 'Security scan.sarif': SARIF }

const EVIDENCE = [
  example('evidence', {
    name: 'the reports are attached before approval is requested: closed, all reports attached byte for byte',
    files: REPORTS,
    async people(sandbox) {
      const change = await approvalRequested(sandbox)
      assert.deepEqual(attachmentsOf(sandbox, sandbox.change(change)), EARLY)
      sandbox.approve(change)
    },
    check(played) {
      const [change] = assertChanges(played, SUCCESSFUL)
      assertDeployed(played, ['deploy production', change])
      assert.deepEqual(attachmentsOf(played.sandbox, change), {
        ...EARLY,
        'deployment.txt': 'deploy production done\n'
      })
      assertNote(played, change, 'deployment.txt')
    }
  }),
  example('evidence', {
    name: 'the deployment fails: in Review as unsuccessful, with its report',
    files: { ...REPORTS, ...deploy(ALWAYS) },
    expected: 'failure',
    check(played) {
      const [change] = assertChanges(played, FAILED_REVIEW)
      assertDeployed(played, ['deploy production', change])
      assert.deepEqual(Object.keys(attachmentsOf(played.sandbox, change)).sort(), [
        'Security scan.sarif',
        'Test results.xml',
        'deployment.txt'
      ])
    }
  }),
  example('evidence', {
    name: 'rejected: left as it is, and nothing is deployed',
    files: REPORTS,
    people: 'reject',
    expected: 'failure',
    check(played) {
      const [change] = assertChanges(played, REJECTED)
      assertNotDeployed(played)
      assert.deepEqual(attachmentsOf(played.sandbox, change), EARLY)
    }
  }),
  example('evidence', {
    name: 'a test fails: no change is created',
    files: { ...REPORTS, 'test.sh': '#!/usr/bin/env bash\nexit 1\n' },
    expected: 'failure',
    check(played) {
      assertChanges(played)
      assertNotDeployed(played)
    }
  })
]

/** The version before was deployed with success, and its files are those to go back to. */
const deployedBefore = (files: Scenario['files']): Pick<Scenario, 'history' | 'setUp'> => ({
  history: [{ tag: 'v1.4.1', files }],
  setUp({ sandbox, commitOf }) {
    plantDeployed(sandbox, commitOf('v1.4.1'))
    return {}
  }
})

const ROLLBACK = [
  example('rollback', {
    name: 'deployed: one change, closed as successful, and no rollback',
    files: rollback(),
    check(played) {
      const [change] = assertChanges(played, SUCCESSFUL)
      assertDeployed(played, ['deploy production', change])
    }
  }),
  example('rollback', {
    name: 'the deployment fails: rolled back under a standard change, linked to the failed one',
    files: { ...rollback(), ...deploy(ALWAYS) },
    ...deployedBefore(rollback()),
    expected: 'failure',
    check(played) {
      const [failed, back] = assertChanges(played, FAILED_REVIEW, { ...SUCCESSFUL, type: 'standard' })
      assert.equal(back?.parent, failed?.sys_id)
      assertDeployed(played, ['deploy production', failed], ['rollback production', back])
    }
  }),
  example('rollback', {
    name: 'the rollback fails too: both changes are unsuccessful',
    files: { ...rollback(ALWAYS), ...deploy(ALWAYS) },
    ...deployedBefore(rollback(ALWAYS)),
    expected: 'failure',
    check(played) {
      assertChanges(played, FAILED_REVIEW, { ...UNSUCCESSFUL, type: 'standard' })
    }
  }),
  example('rollback', {
    name: 'rejected: nothing is deployed and nothing rolled back',
    files: rollback(),
    people: 'reject',
    expected: 'failure',
    check(played) {
      assertChanges(played, REJECTED)
      assertNotDeployed(played)
    }
  }),
  example('rollback', {
    name: 'only the closing fails: the deployment stays',
    files: rollback(),
    async people(sandbox) {
      const change = await approvalRequested(sandbox)
      sandbox.approve(change)
      await sandbox.waitFor(() => sandbox.change(change)?.state === '-1', 60_000)
      sandbox.fault({ kind: 'acl', method: 'PATCH', times: 100 })
    },
    check(played) {
      const [change] = assertChanges(played, { state: '-1' })
      assertDeployed(played, ['deploy production', change])
    }
  })
]

/** What follows a called workflow that fails is run in the scenarios of rollback.yml: act ends such a run. */
const REUSABLE = [
  example('reusable', {
    name: 'deployed by the called workflow: closed as successful, and no rollback',
    files: rollback(),
    check(played) {
      const [change] = assertChanges(played, SUCCESSFUL)
      assertDeployed(played, ['deploy production', change])
      assert.equal(deploymentsOf(played)[0]?.secret, '')
    }
  }),
  example('reusable', {
    name: 'the deployment fails: in Review as unsuccessful',
    files: { ...rollback(), ...deploy(ALWAYS) },
    expected: 'failure',
    check(played) {
      const [change] = assertChanges(played, FAILED_REVIEW)
      assertDeployed(played, ['deploy production', change])
    }
  }),
  example('reusable', {
    name: 'rejected: left as it is, and nothing is deployed',
    files: rollback(),
    people: 'reject',
    expected: 'failure',
    check(played) {
      assertChanges(played, REJECTED)
      assertNotDeployed(played)
    }
  })
]

const BUILD = { 'build.sh': '#!/usr/bin/env bash\necho shop > app.tar.gz\n' }

const ATTEST = {
  env: { PATH: `${join(ROOT, 'test/workflows/stand-ins/gh')}:${process.env.PATH}` },
  secrets: { GITHUB_TOKEN: 'token-of-the-run', SERVICENOW_BINDING_KEY: 'f3c0c3d0aa5f4d4b8a51' }
}

const ATTESTED = [
  example('attested', {
    ...ATTEST,
    name: 'approved for the digest, verified, and deployed: closed as successful',
    files: BUILD,
    check(played) {
      const [change] = assertChanges(played, SUCCESSFUL)
      assertDeployed(played, ['deploy production', change])
      assertNote(played, change, 'What is deployed under this change:\nsha256:')
    }
  }),
  example('attested', {
    ...ATTEST,
    name: 'rejected: nothing is signed or deployed',
    files: BUILD,
    people: 'reject',
    expected: 'failure',
    check(played) {
      assertChanges(played, REJECTED)
      assertNotDeployed(played)
    }
  })
]

export const PATTERNS: readonly Scenario[] = [
  ...ATTESTED,
  ...REUSABLE,
  ...FULL_LIFECYCLE,
  ...EMERGENCY,
  ...STANDARD,
  ...EVIDENCE,
  ...ROLLBACK
]
