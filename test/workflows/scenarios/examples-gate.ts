/** The gate by itself: policy, audit record, a change that somebody else created, windows. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../repositories.ts'
import type { Scenario } from '../scenario.ts'
import {
  ALWAYS,
  approved,
  assertChanges,
  assertDeployed,
  assertError,
  assertNotDeployed,
  assertNote,
  changesIn,
  deploy,
  example,
  FAILED_REVIEW,
  plant,
  REJECTED,
  STATE,
  SUCCESSFUL,
  submit
} from './examples-kit.ts'

const POLICY = {
  '.github/servicenow-change.yml': readFileSync(join(ROOT, 'examples/servicenow-change.yml'), 'utf8')
}

const byPolicy = (
  environment: string,
  scenario: Omit<Scenario, 'subject' | 'files'>,
  deployment = deploy()
) =>
  example('gate-policy', {
    ...scenario,
    event: 'workflow_dispatch',
    inputs: { environment },
    files: { ...POLICY, ...deployment }
  })

const GATE_POLICY = [
  byPolicy('dev', {
    name: 'dev is not change-controlled: deployed, and no request to ServiceNow',
    people: 'nothing',
    check(played) {
      assertChanges(played)
      assertDeployed(played, ['deploy dev', undefined])
      // The deployment reads the records itself, as an administrator.
      assert.deepEqual(
        played.sandbox.requests.filter(one => one.user !== 'admin'),
        []
      )
    }
  }),
  byPolicy('staging', {
    name: 'staging: a standard change, closed as successful',
    people: 'nothing',
    check(played) {
      const [change] = assertChanges(played, { ...SUCCESSFUL, type: 'standard' })
      assertDeployed(played, ['deploy staging', change])
    }
  }),
  byPolicy('production', {
    name: 'production: approved and deployed, closed as successful',
    check(played) {
      const [change] = assertChanges(played, { ...SUCCESSFUL, type: 'normal' })
      assert.match(
        change?.short_description ?? '',
        /^Deploy "acme-bank\/shop" version \w{7} to "production"$/
      )
      assertDeployed(played, ['deploy production', change])
    }
  }),
  byPolicy(
    'production',
    {
      name: 'production: the deployment fails: in Review as unsuccessful',
      expected: 'failure',
      check(played) {
        const [change] = assertChanges(played, FAILED_REVIEW)
        assertDeployed(played, ['deploy production', change])
      }
    },
    deploy(ALWAYS)
  ),
  byPolicy('production', {
    name: 'production: rejected: left as it is, and nothing is deployed',
    people: 'reject',
    expected: 'failure',
    check(played) {
      assertChanges(played, REJECTED)
      assertNotDeployed(played)
    }
  })
]

const AUDIT_RECORD = [
  example('audit-record', {
    name: 'deployed: the standard change is in Review for a person',
    people: 'nothing',
    check(played) {
      const [change] = assertChanges(played, { type: 'standard', state: STATE.review, approval: 'approved' })
      assertDeployed(played, ['deploy production', change])
      assertNote(played, change, 'Deployment to production started.')
      assertNote(played, change, 'Deployment to production ended: success.')
    }
  }),
  example('audit-record', {
    name: 'the deployment fails: in Review as unsuccessful',
    files: deploy(ALWAYS),
    people: 'nothing',
    expected: 'failure',
    check(played) {
      const [change] = assertChanges(played, FAILED_REVIEW)
      assertDeployed(played, ['deploy production', change])
    }
  })
]

/** As the runner names the ref: a branch here, a tag in the workflow's own event. */
const TITLE = 'Deploy "Web Site" version main to "production"'

const TITLE_MATCHING = [
  example('title-matching', {
    name: 'the change that a person created: reused, deployed, in Review for its author',
    async setUp({ sandbox }) {
      await submit(sandbox, { short_description: TITLE })
      return {}
    },
    check(played) {
      const [change] = assertChanges(played, { state: STATE.review, sys_created_by: 'dora.devops' })
      assertDeployed(played, ['deploy production', change])
    }
  }),
  example('title-matching', {
    name: 'the change that a person created is rejected: left as it is, and nothing is deployed',
    async setUp({ sandbox }) {
      await submit(sandbox, { short_description: TITLE })
      return {}
    },
    people: 'reject',
    expected: 'failure',
    check(played) {
      assertChanges(played, { ...REJECTED, sys_created_by: 'dora.devops' })
      assertNotDeployed(played)
    }
  }),
  example('title-matching', {
    name: 'one with almost this title is left as it is; the deployment fails under its own: in Review',
    files: deploy(ALWAYS),
    async setUp({ sandbox }) {
      await submit(sandbox, { short_description: `${TITLE}.` })
      return {}
    },
    expected: 'failure',
    check(played) {
      const [, own] = assertChanges(
        played,
        { short_description: `${TITLE}.`, state: STATE.scheduled },
        { ...FAILED_REVIEW, short_description: TITLE }
      )
      assertDeployed(played, ['deploy production', own])
    }
  }),
  example('title-matching', {
    name: 'two changes with this title: an error, and nothing is deployed',
    setUp({ sandbox }) {
      for (const _ of [1, 2]) plant(sandbox, { short_description: TITLE })
      return {}
    },
    people: 'nothing',
    expected: 'failure',
    check(played) {
      assert.equal(changesIn(played.sandbox).length, 2)
      assertError(played, /the title is ambiguous/)
      assertNotDeployed(played)
    }
  })
]

const window = (start: string, end: string) => ({ event: 'workflow_dispatch', inputs: { start, end } })

const CHANGE_WINDOW = [
  example('change-window', {
    ...window('+0s', '+4h'),
    name: 'inside its window: deployed, closed as successful, with start and end',
    check(played) {
      const [change] = assertChanges(played, SUCCESSFUL)
      const hours = (Date.parse(`${change?.end_date}Z`) - Date.parse(`${change?.start_date}Z`)) / 3_600_000
      assert.equal(hours, 4)
      assertDeployed(played, ['deploy production', change])
    }
  }),
  example('change-window', {
    ...window('+8h', '+12h'),
    name: 'the window opens after the wait would end: stopped at once, and nothing is deployed',
    expected: 'failure',
    check(played) {
      assertChanges(played, { state: STATE.scheduled, approval: 'approved' })
      assertError(played, /window-not-open/)
      assertNotDeployed(played)
    }
  }),
  example('change-window', {
    ...window('+0s', '+20m'),
    name: 'too little of the window is left: stopped at once, and nothing is deployed',
    people: 'nothing',
    expected: 'failure',
    check(played) {
      assertChanges(played, {})
      assertError(played, /window-closed/)
      assertNotDeployed(played)
    }
  }),
  example('change-window', {
    ...window('+0s', '+4h'),
    name: 'the deployment fails: in Review as unsuccessful',
    files: deploy(ALWAYS),
    expected: 'failure',
    check(played) {
      const [change] = assertChanges(played, FAILED_REVIEW)
      assertDeployed(played, ['deploy production', change])
    }
  }),
  example('change-window', {
    ...window('+0s', '+4h'),
    name: 'rejected: left as it is, and nothing is deployed',
    people: 'reject',
    expected: 'failure',
    check(played) {
      assertChanges(played, REJECTED)
      assertNotDeployed(played)
    }
  })
]

const PROMPTED_NUMBER = [
  example('prompted-number', {
    event: 'workflow_dispatch',
    name: "approved: deployed under the person's change, which is in Review for its author",
    async setUp({ sandbox }) {
      return { inputs: { 'change-number': await approved(sandbox, { short_description: 'Go live' }) } }
    },
    people: 'nothing',
    check(played) {
      const [change] = assertChanges(played, { state: STATE.review, short_description: 'Go live' })
      assertDeployed(played, ['deploy production', change])
      assertNote(played, change, 'Deployment to production ended: success.')
    }
  }),
  example('prompted-number', {
    event: 'workflow_dispatch',
    name: 'the deployment fails: in Review as unsuccessful',
    files: deploy(ALWAYS),
    async setUp({ sandbox }) {
      return { inputs: { 'change-number': await approved(sandbox, { short_description: 'Go live' }) } }
    },
    people: 'nothing',
    expected: 'failure',
    check(played) {
      const [change] = assertChanges(played, FAILED_REVIEW)
      assertDeployed(played, ['deploy production', change])
    }
  }),
  example('prompted-number', {
    event: 'workflow_dispatch',
    name: 'rejected in the meantime: left as it is, and nothing is deployed',
    async setUp({ sandbox }) {
      return { inputs: { 'change-number': await submit(sandbox, { short_description: 'Go live' }) } }
    },
    people: 'reject',
    expected: 'failure',
    check(played) {
      assertChanges(played, REJECTED)
      assertNotDeployed(played)
    }
  }),
  example('prompted-number', {
    event: 'workflow_dispatch',
    name: 'a blank number: an error, no change is created, and nothing is deployed',
    inputs: { 'change-number': ' ' },
    people: 'nothing',
    expected: 'failure',
    check(played) {
      assertChanges(played)
      assertError(played, /^Input error$/)
      assertNotDeployed(played)
    }
  }),
  example('prompted-number', {
    event: 'workflow_dispatch',
    name: "another repository's change: refused, untouched, and nothing is deployed",
    setUp({ sandbox }) {
      const other = plant(sandbox, {
        state: STATE.scheduled,
        correlation_display: `gha ${'a'.repeat(12)} 7 ${'b'.repeat(12)}`
      })
      return { inputs: { 'change-number': sandbox.change(other)?.number ?? '' } }
    },
    people: 'nothing',
    expected: 'failure',
    check(played) {
      assertChanges(played, { state: STATE.scheduled })
      assertError(played, /foreign-change/)
      assertNotDeployed(played)
    }
  }),
  example('prompted-number', {
    event: 'workflow_dispatch',
    name: 'a number that does not exist: an error, no change is created, and nothing is deployed',
    inputs: { 'change-number': 'CHG0099999' },
    people: 'nothing',
    expected: 'failure',
    check(played) {
      assertChanges(played)
      assertError(played, /no such record/)
      assertNotDeployed(played)
    }
  })
]

export const GATES: readonly Scenario[] = [
  ...GATE_POLICY,
  ...AUDIT_RECORD,
  ...TITLE_MATCHING,
  ...CHANGE_WINDOW,
  ...PROMPTED_NUMBER
]
