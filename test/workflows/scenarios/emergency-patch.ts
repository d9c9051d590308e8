import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../repositories.ts'
import type { Scenario } from '../scenario.ts'
import {
  assertChange,
  assertDeployment,
  assertError,
  assertNotDeployed,
  assertNotes,
  calling,
  DONE,
  deploymentOf,
  errorsOf,
  onlyChange,
  outputsOf,
  refused,
  STATES,
  twoCalls,
  UNSUCCESSFUL
} from './shop.ts'
import { startWebhook, type Webhook } from './webhook.ts'

const subject = 'emergency-patch'

const PATCH = {
  'cve-id': 'CVE-2026-12345',
  severity: 'critical',
  justification: 'The vulnerability is exploited.',
  environment: 'production',
  version: '1.4.3',
  command: './deploy.sh',
  'assignment-group': 'DevOps Team',
  'approval-timeout': '60',
  'poll-interval': '1'
}

const call = (more: Readonly<Record<string, string>> = {}) => ({
  workflow: subject,
  with: { ...PATCH, ...more }
})

const HOSTILE = `It's "exploited"; touch "$RECORDS/injected" #\n::error title=x::y\n$(touch "$RECORDS/injected")##[error]z`

/** A scenario with a webhook that responds with this status. */
function withWebhook(
  status: number,
  scenario: Omit<Scenario, 'setUp' | 'check'> & {
    check(played: Parameters<Scenario['check']>[0], webhook: Webhook): void
  }
): Scenario {
  let webhook: Webhook | undefined
  return {
    ...scenario,
    setUp: async world => {
      webhook = await startWebhook(world, status)
      return { secrets: { SLACK_WEBHOOK_URL: webhook.url } }
    },
    check: played => scenario.check(played, webhook as Webhook)
  }
}

export const EMERGENCY_PATCH: readonly Scenario[] = [
  {
    subject,
    name: 'two patches in one run: each under a change of its own',
    files: twoCalls(
      call({ environment: 'production-eu', command: './deploy.sh eu' }),
      call({ environment: 'production-us', 'cve-id': 'CVE-2026-99999', command: './deploy.sh us' })
    ),
    check(played) {
      const changes = played.sandbox.rows('change_request')
      assert.equal(changes.length, 2)
      for (const [name, cve] of [
        ['eu', 'CVE-2026-12345'],
        ['us', 'CVE-2026-99999']
      ] as const) {
        const number = deploymentOf(played, name).CHANGE_NUMBER
        const change = changes.find(one => one.number === number)
        assertChange(change ?? {}, {
          ...DONE,
          implementation_plan: `Runs ./deploy.sh ${name} on ${played.record('commit')?.trim()}.`
        })
        assert.match(change?.short_description ?? '', new RegExp(cve))
      }
    }
  },
  {
    subject,
    name: 'approved and patched, no webhook: closed as successful, nobody notified',
    files: calling(call({ 'evidence-files': 'reports/*.txt' })),
    check(played) {
      const change = onlyChange(played)
      assertChange(change, {
        ...DONE,
        type: 'emergency',
        approval: 'approved',
        priority: '1',
        risk: '2',
        justification: 'The vulnerability is exploited.',
        short_description: 'Security patch of acme-bank/shop in production for CVE-2026-12345'
      })
      assertNotes(played, change.sys_id, ['Emergency patch for CVE-2026-12345 started', 'smoke.txt'])
      assertDeployment(played, { DEPLOY_VERSION: '1.4.3', CHANGE_NUMBER: change.number ?? '' })
      assert.equal(
        played.run.steps.some(one => one.name === 'Notify the approvers'),
        false
      )
      const { 'change-state': state, 'deployment-result': result } = outputsOf(played)
      assert.deepEqual({ state, result }, { state: 'closed', result: 'success' })
    }
  },
  withWebhook(200, {
    subject,
    name: 'with a webhook: the approvers get number, CVE and link while the change waits',
    files: calling(call({ severity: 'medium', risk: 'High' })),
    check(played, webhook) {
      const change = onlyChange(played)
      assertChange(change, { ...DONE, priority: '3', risk: '2' })
      assert.equal(webhook.received.length, 1)
      const [sent] = webhook.received
      assert.equal(sent?.type, 'application/json')
      assert.equal(sent?.path, '/services/T0/B0/hook-secret')
      const { text, ...others } = JSON.parse(sent?.body ?? '{}')
      assert.deepEqual(others, {})
      for (const part of [change.number ?? '', 'CVE-2026-12345', '(medium)', 'production', change.sys_id])
        assert.ok(text.includes(part), `${part} in ${text}`)
      assert.doesNotMatch(played.run.log, /hook-secret/)
    }
  }),
  withWebhook(404, {
    subject,
    name: 'a webhook that refuses: a warning, and the patch continues',
    files: calling(call()),
    check(played, webhook) {
      assertChange(onlyChange(played), DONE)
      assert.equal(webhook.received.length, 1)
      assertDeployment(played, { DEPLOY_VERSION: '1.4.3' })
      assert.deepEqual(
        played.run.annotations.filter(one => one.kind === 'warning').map(one => one.title),
        ['Notification not sent']
      )
    }
  }),
  {
    subject,
    name: 'a webhook that is not an https address: a warning, and the patch continues',
    files: calling(call()),
    secrets: { SLACK_WEBHOOK_URL: 'file:///etc/hostname' },
    check(played) {
      assertChange(onlyChange(played), DONE)
      assert.match(played.run.annotations[0]?.text ?? '', /not an https address/)
    }
  },
  {
    subject,
    name: 'the patch fails: closed as unsuccessful, its report attached',
    files: calling({ ...call({ 'evidence-files': 'reports/*.txt' }), deploy: 'fails' }),
    expected: 'failure',
    check(played) {
      const change = onlyChange(played)
      assertChange(change, UNSUCCESSFUL)
      assert.equal(played.sandbox.attachments(change.sys_id)[0]?.bytes.toString(), 'no response\n')
    }
  },
  {
    subject,
    name: 'rejected: canceled, nothing patched',
    files: calling(call()),
    people: 'reject',
    expected: 'failure',
    check(played) {
      assertChange(onlyChange(played), { state: STATES.canceled })
      assertNotDeployed(played)
      assertError(played, 'Change CHG0030001: rejected', /quarter-end freeze/)
    }
  },
  {
    subject,
    name: 'nobody approves in time: canceled, nothing patched',
    files: calling(call({ 'approval-timeout': '2' })),
    people: 'nothing',
    expected: 'failure',
    check(played) {
      assertChange(onlyChange(played), { state: STATES.canceled })
      assertNotDeployed(played)
      assertError(played, 'Change CHG0030001: timeout', '')
    }
  },
  {
    subject,
    name: 'copied into the repository and started by hand',
    files: { ...calling(call()), ...copied() },
    event: 'workflow_dispatch',
    inputs: withoutPolling(),
    check(played) {
      const change = onlyChange(played)
      assertChange(change, { ...DONE, type: 'emergency', priority: '2' })
      assertDeployment(played, { DEPLOY_VERSION: '1.4.3', DEPLOY_ENVIRONMENT: 'production' })
    }
  },
  {
    subject,
    name: 'hostile text in the justification stays text',
    files: calling(call({ justification: HOSTILE })),
    check(played) {
      assertChange(onlyChange(played), { ...DONE, justification: HOSTILE })
      assert.equal(played.record('injected'), undefined)
      assert.deepEqual(errorsOf(played), [])
    }
  },
  refused(
    {
      subject,
      name: 'wrong CVE id, severity and time, no justification, no secret: all named in one error',
      files: calling(
        call({ 'cve-id': '2026-12345', severity: 'Blocker', justification: '', 'approval-timeout': 'now' })
      ),
      secrets: { SERVICENOW_CLIENT_SECRET: '' }
    },
    [
      '`cve-id` must be a CVE id such as CVE-2026-12345, not `2026-12345`',
      '`severity` must be critical, high, medium or low, not `Blocker`',
      'Input `justification` is missing',
      '`approval-timeout` must be a duration',
      'No credentials are given'
    ]
  )
]

/** The workflow as users copy it; nothing else in the repository runs on this event. */
function copied(): Record<string, string> {
  const path = '.github/workflows/emergency-patch.yml'
  return { [path]: readFileSync(join(ROOT, path), 'utf8') }
}

function withoutPolling(): Record<string, string> {
  const { 'poll-interval': _, ...inputs } = { ...PATCH, severity: 'high' }
  return inputs
}
