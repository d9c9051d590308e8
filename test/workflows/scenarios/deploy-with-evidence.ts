import assert from 'node:assert/strict'
import { approvalRequested } from '../people.ts'
import type { Scenario } from '../scenario.ts'
import {
  assertChange,
  assertDeployment,
  assertError,
  assertNotDeployed,
  assertNotes,
  calling,
  DONE,
  onlyChange,
  refused,
  SOON,
  STATES
} from './shop.ts'

const subject = 'deploy-with-evidence'

const PRODUCTION = {
  environment: 'production',
  version: '1.4.2',
  command: './deploy.sh',
  'assignment-group': 'DevOps Team',
  'evidence-artifacts': 'evidence-*',
  ...SOON
}

const JUNIT = `<?xml version="1.0"?>
<testsuites tests="3" failures="1"><testsuite name="cart" tests="3" failures="1"><testcase name="adds"/><testcase name="pays"/><testcase name="ships"><failure/></testcase></testsuite></testsuites>
`
const TRIVY = JSON.stringify({
  SchemaVersion: 2,
  Results: [{ Target: 'shop', Vulnerabilities: [{ VulnerabilityID: 'CVE-2026-1', Severity: 'HIGH' }] }]
})

/** Jobs that test and scan and upload their reports; a third artifact is not evidence. */
const TESTED = `  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v6
      - uses: actions/upload-artifact@v7
        with: { name: evidence-tests, path: found/junit.xml, if-no-files-found: error }
      - uses: actions/upload-artifact@v7
        with: { name: evidence-scan, path: found/trivy.json, if-no-files-found: error }
      - uses: actions/upload-artifact@v7
        with: { name: image, path: deploy.sh }
`
const FOUND = { 'found/junit.xml': JUNIT, 'found/trivy.json': TRIVY }

const call = (more: Readonly<Record<string, string>> = {}) => ({
  workflow: subject,
  with: { ...PRODUCTION, ...more },
  before: TESTED,
  needs: 'test'
})

const files = (more = {}, deploy: 'succeeds' | 'fails' = 'succeeds') => ({
  ...calling({ ...call(more), deploy }),
  ...FOUND
})

/** Name and bytes of what is attached. */
function attached(sandbox: Parameters<NonNullable<Scenario['check']>>[0]['sandbox'], change: string) {
  return Object.fromEntries(sandbox.attachments(change).map(one => [one.name, one.bytes.toString()]))
}

const EVIDENCE = { 'junit.xml': JUNIT, 'trivy.json': TRIVY }

export const DEPLOY_WITH_EVIDENCE: readonly Scenario[] = [
  {
    subject,
    name: 'tests and scan attached byte for byte before approval is requested; closed as successful',
    files: files({ 'evidence-files': 'reports/*.txt' }),
    people: async sandbox => {
      const change = await approvalRequested(sandbox)
      assert.deepEqual(attached(sandbox, change), EVIDENCE)
      sandbox.approve(change, 'anna.approver', 'One known failure.')
    },
    check(played) {
      const change = onlyChange(played)
      assertChange(change, { ...DONE, approval: 'approved' })
      assert.deepEqual(attached(played.sandbox, change.sys_id), {
        ...EVIDENCE,
        'smoke.txt': 'deployed 1.4.2\n'
      })
      assertNotes(played, change.sys_id, ['smoke.txt'])
      assertDeployment(played, { DEPLOY_VERSION: '1.4.2' })
    }
  },
  {
    subject,
    name: 'the deployment fails: Review, close code unsuccessful, the evidence stays',
    files: files({}, 'fails'),
    expected: 'failure',
    check(played) {
      const change = onlyChange(played)
      assertChange(change, { state: STATES.review, close_code: 'unsuccessful' })
      assert.deepEqual(attached(played.sandbox, change.sys_id), EVIDENCE)
    }
  },
  {
    subject,
    name: 'rejected because of the evidence: nothing deployed',
    files: files(),
    people: 'reject',
    expected: 'failure',
    check(played) {
      const change = onlyChange(played)
      assertChange(change, { approval: 'rejected' })
      assert.deepEqual(attached(played.sandbox, change.sys_id), EVIDENCE)
      assertNotDeployed(played)
      assertError(played, 'Change CHG0030001: rejected', '')
    }
  },
  {
    subject,
    name: 'no such artifact: refused, no change, no request to the instance',
    files: files({ 'evidence-artifacts': 'report-*' }),
    expected: 'failure',
    check(played) {
      assertError(played, 'No evidence', '`evidence-artifacts`')
      assert.deepEqual(played.sandbox.requests, [])
      assertNotDeployed(played)
    }
  },
  {
    subject,
    name: 'neither action nor command: refused before the evidence is downloaded',
    files: files({ command: '' }),
    expected: 'failure',
    check(played) {
      assertError(played, 'No deployment command', '')
      assert.deepEqual(played.sandbox.requests, [])
    }
  },
  refused(
    {
      subject,
      name: 'no artifacts named and a wrong type: refused in the first step',
      files: calling({ workflow: subject, with: { ...PRODUCTION, 'evidence-artifacts': '', type: 'any' } })
    },
    ['Input `evidence-artifacts` is missing', '`type` must be normal, standard or emergency, not `any`']
  )
]
