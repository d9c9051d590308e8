/** What must hold after every run, whatever it is about. */
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { API_KEYS, OAUTH_CLIENTS, type Sandbox } from '@change-actions/sandbox'

const SECRETS = [...OAUTH_CLIENTS.map(client => client.secret), ...API_KEYS.map(one => one.key)]

export function assertInvariants(sandbox: Sandbox, records: string): void {
  assertHumble(sandbox)
  assertNoSecrets(records)
}

/** The actions never approve and never delete. */
function assertHumble(sandbox: Sandbox): void {
  const ours = sandbox.requests.filter(one => one.userAgent.startsWith('change-actions-servicenow/'))
  const forbidden = ours.filter(one => one.method === 'DELETE' || /\/approvals\b/.test(one.path))
  assert.deepEqual(forbidden, [])
}

/** What the deployments saw and what was handed on holds no credential of the instance. */
function assertNoSecrets(records: string): void {
  for (const name of existsSync(records) ? readdirSync(records) : []) {
    const text = readFileSync(join(records, name), 'utf8')
    assert.equal(
      SECRETS.some(secret => text.includes(secret)),
      false,
      `${name} holds a secret`
    )
  }
}
