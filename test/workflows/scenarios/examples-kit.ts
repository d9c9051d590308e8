/** The repository of a team that copied an example, and the checks after each run. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { bindingOf } from '@change-actions/change-control'
import type { Sandbox } from '@change-actions/sandbox'
import { approvalRequested } from '../people.ts'
import { ROOT } from '../repositories.ts'
import type { Played, Scenario } from '../scenario.ts'
import { changesSince } from './shop.ts'

type Files = Readonly<Record<string, string>>

/**
 * Records its arguments and the state of every change at that moment, and fails for some arguments. `SANDBOX` is the
 * address of the instance, `SANDBOX_TEST` that of a second one for the argument "test".
 */
const script = (what: string, fails: string) => `#!/usr/bin/env bash
set -euo pipefail
instance=$SANDBOX
if [ "\${1:-}" = test ]; then instance=\${SANDBOX_TEST:-$SANDBOX}; fi
changes=$(curl --silent --show-error --fail --user admin:admin-password --header 'Accept: application/json' \\
  "$instance/api/now/table/change_request?sysparm_fields=number,state")
printf '{"what":"%s","arguments":"%s","secret":"%s","seen":%s}\\n' \\
  ${what} "$*" "\${SERVICENOW_CLIENT_SECRET:+seen}" "$changes" >> "$RECORDS/deployments"
mkdir -p reports && echo "${what} $* done" | tee reports/deployment.txt
[[ "$*" != ${fails} ]]
`

const NEVER = '"--never--"'

/** A deployment; `fails` is the pattern of arguments with which it fails. */
export const deploy = (fails = NEVER): Files => ({ 'deploy.sh': script('deploy', fails) })
export const rollback = (fails = NEVER): Files => ({ 'rollback.sh': script('rollback', fails) })
export const ALWAYS = '*'

/** A scenario of one example, copied alone into an empty repository with a deployment of its own. */
export function example(
  name: string,
  scenario: Omit<Scenario, 'subject' | 'files'> & { files?: Files }
): Scenario {
  const text = readFileSync(join(ROOT, `examples/${name}.yml`), 'utf8')
  return {
    subject: `examples/${name}.yml`,
    ...scenario,
    files: { ...deploy(), [`.github/workflows/${name}.yml`]: text, ...scenario.files }
  }
}

export const STATE = {
  new: '-5',
  assess: '-4',
  scheduled: '-2',
  implement: '-1',
  review: '0',
  closed: '3',
  canceled: '4'
} as const

export const SUCCESSFUL = { state: STATE.closed, close_code: 'successful', approval: 'approved' }
export const UNSUCCESSFUL = { state: STATE.closed, close_code: 'unsuccessful' }
/** What the gate leaves of a change whose deployment failed. */
export const FAILED_REVIEW = { state: STATE.review, close_code: 'unsuccessful' }
/** What the gate leaves of a change that was rejected. */
export const REJECTED = { state: STATE.new, approval: 'rejected' }
export const CANCELED = { state: STATE.canceled }

export type Row = Readonly<Record<string, string | undefined>> & { readonly sys_id: string }

/** All changes of the instance but those of {@link plantDeployed}, oldest first. */
export function changesIn(sandbox: Sandbox): readonly Row[] {
  return changesSince(sandbox).sort((a, b) => (a.number ?? '').localeCompare(b.number ?? ''))
}

/** The instance has these changes and no others, oldest first, each with these values. */
export function assertChanges(
  { sandbox }: Pick<Played, 'sandbox'>,
  ...expected: Readonly<Record<string, string>>[]
): readonly Row[] {
  const changes = changesIn(sandbox)
  const seen = changes.map((change, index) =>
    Object.fromEntries(Object.keys(expected[index] ?? { number: '' }).map(name => [name, change[name]]))
  )
  assert.deepEqual(seen, expected)
  return changes
}

export interface Deployment {
  readonly what: string
  readonly arguments: string
  /** `seen` when the deployment could read the client secret. */
  readonly secret: string
  /** State by number, of every change of the instance. */
  readonly states: Readonly<Record<string, string>>
}

/** What was deployed, in order, and under which changes. */
export function deploymentsOf(played: Played): Deployment[] {
  const lines = (played.record('deployments') ?? '').split('\n').filter(line => line !== '')
  return lines.map(line => {
    const { seen, ...rest } = JSON.parse(line) as Omit<Deployment, 'states'> & {
      seen: { result: { number: string; state: string }[] }
    }
    return { ...rest, states: Object.fromEntries(seen.result.map(({ number, state }) => [number, state])) }
  })
}

/** It was deployed with these arguments, in this order, and each time this change was in Implement. */
export function assertDeployed(
  played: Played,
  ...expected: (readonly [what: string, change: Row | undefined])[]
): void {
  const deployments = deploymentsOf(played)
  assert.deepEqual(
    deployments.map(one => `${one.what} ${one.arguments}`),
    expected.map(([what]) => what)
  )
  for (const [index, [what, change]] of expected.entries())
    if (change !== undefined)
      assert.equal(
        deployments[index]?.states[change.number ?? ''],
        STATE.implement,
        `${what} under ${change.number}`
      )
}

export function assertNotDeployed(played: Played): void {
  assert.deepEqual(deploymentsOf(played), [])
}

/** One error annotation has this in its title. */
export function assertError({ run }: Played, title: RegExp): void {
  const titles = run.annotations.filter(one => one.kind === 'error').map(one => one.title)
  assert.equal(
    titles.filter(one => title.test(one)).length,
    1,
    `one error ${title} among: ${titles.join(' | ')}`
  )
}

/** Exactly one work note holds this. */
export function assertNote(
  { sandbox }: Pick<Played, 'sandbox'>,
  change: Row | undefined,
  text: string
): void {
  const notes = notesOf(sandbox, change)
  assert.equal(
    notes.filter(note => note.includes(text)).length,
    1,
    `one note "${text}" among:\n${notes.join('\n---\n')}`
  )
}

export function notesOf(sandbox: Sandbox, change: Row | undefined): string[] {
  const notes = sandbox.journal(change?.sys_id ?? '').map(note => note.text)
  // Each change that was submitted has one with the hashes of its fields.
  return notes.filter(text => !text.includes('[gha fields '))
}

export function attachmentsOf(sandbox: Sandbox, change: Row | undefined): Record<string, string> {
  const all = sandbox.attachments(change?.sys_id ?? '')
  return Object.fromEntries(all.map(({ name, bytes }) => [name, bytes.toString()]))
}

/** A change that somebody else created, written without any rule; from Scheduled on it is approved. */
export function plant(sandbox: Sandbox, fields: Readonly<Record<string, string>> = {}): string {
  const approval = Number(fields.state ?? STATE.new) >= Number(STATE.scheduled) ? 'approved' : 'not requested'
  return sandbox.insert('change_request', {
    type: 'normal',
    state: STATE.new,
    approval,
    short_description: 'Deploy the shop',
    ...fields
  })
}

/** A change that an earlier run of the repository made. @returns its sys_id */
export function plantOwn(sandbox: Sandbox, fields: Readonly<Record<string, string>> = {}): string {
  const place = { serverUrl: 'https://github.com', repository: 'acme-bank/shop', environment: '' }
  const correlation_display = bindingOf({ commit: 'a'.repeat(40), runId: '42', ...place })
  const sysId = plant(sandbox, { correlation_display, ...fields })
  sandbox.set('change_request', sysId, { sys_created_by: 'gha.deployer' })
  return sysId
}

/** A person fills in the form and submits it. @returns the number */
export async function submit(sandbox: Sandbox, fields: Readonly<Record<string, string>>): Promise<string> {
  const request = async (method: string, path: string, body: object) => {
    const response = await fetch(`${sandbox.url}/api/now/table/change_request${path}`, {
      method,
      headers: {
        Authorization: `Basic ${Buffer.from('dora.devops:dora-password').toString('base64')}`,
        'Content-Type': 'application/json',
        Accept: 'application/json'
      },
      body: JSON.stringify(body)
    })
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
    return ((await response.json()) as { result: { sys_id: string; number: string } }).result
  }
  const group = sandbox.rows('sys_user_group').find(one => one.name === 'DevOps Team')
  const change = await request('POST', '', { assignment_group: group?.sys_id, ...fields })
  await request('PATCH', `/${change.sys_id}`, { state: STATE.assess })
  return change.number
}

/** The same, and approved by the board. */
export async function approved(sandbox: Sandbox, fields: Readonly<Record<string, string>>): Promise<string> {
  const number = await submit(sandbox, fields)
  sandbox.approve(await approvalRequested(sandbox))
  return number
}
