/** The repository of a team that calls the reusable workflows, and the checks after each run. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { bindingOf } from '@change-actions/change-control'
import type { Sandbox } from '@change-actions/sandbox'
import { parse } from 'yaml'
import { ROOT } from '../repositories.ts'
import type { Played, Scenario } from '../scenario.ts'

/** Records its environment variables, and the state of its change at that moment. */
const DEPLOY = `#!/usr/bin/env bash
set -euo pipefail
state=
if [ -n "$CHANGE_SYS_ID" ]; then
  state=$(curl --silent --show-error --fail --user admin:admin-password --header 'Accept: application/json' \\
    "$SANDBOX/api/now/table/change_request/$CHANGE_SYS_ID?sysparm_fields=state" | tr -dc '0-9-')
fi
git rev-parse HEAD > "$RECORDS/commit" 2>/dev/null || true
{ env | grep -E '^(DEPLOY|CHANGE|SERVICENOW)_'; echo "STATE=$state"; } > "$RECORDS/\${1:-deployed}"
mkdir -p reports && echo "deployed $DEPLOY_VERSION" > reports/smoke.txt
`

const FAIL = `#!/usr/bin/env bash
echo 'the new version does not respond' >&2
mkdir -p reports && echo 'no response' > reports/smoke.txt
exit 1
`

/** A local action that deploys, in place of a command. */
export const LOCAL_ACTION = (folder: 'deploy' | 'rollback') => ({
  [`.github/actions/${folder}/action.yml`]: `name: ${folder}
description: The shop's own
runs:
  using: composite
  steps:
    - run: ./deploy.sh ${folder}-action
      shell: bash
`
})

export interface Call {
  readonly workflow: string
  readonly with: Readonly<Record<string, string | number | boolean>>
  /** Default: all that the workflow takes, each by its own name. */
  readonly secrets?: Readonly<Record<string, string>> | 'inherit'
  /** Jobs before it, as YAML at the level of `jobs:`. */
  readonly before?: string
  readonly needs?: string
  readonly deploy?: 'succeeds' | 'fails'
}

/** The secrets as a caller of another organization must pass them. */
function secretsByName(workflow: string): Record<string, string> {
  const { on } = parse(readFileSync(join(ROOT, `.github/workflows/${workflow}.yml`), 'utf8'))
  const names = Object.keys(on.workflow_call.secrets)
  return Object.fromEntries(names.map(name => [name, `\${{ secrets.${name} }}`]))
}

/** The files of a repository whose workflow calls one of ours, and records its outputs. */
export function calling({ workflow, with: inputs, before = '', needs, deploy = 'succeeds', ...call }: Call) {
  const secrets = call.secrets ?? secretsByName(workflow)
  const quoted = (values: Call['with']) =>
    Object.entries(values)
      .map(([name, value]) => `      ${name}: ${JSON.stringify(value)}\n`)
      .join('')
  return {
    'deploy.sh': deploy === 'fails' ? FAIL : DEPLOY,
    '.github/workflows/release.yml': `name: Release
on: push
permissions: {}
jobs:
${before}  call:
${needs === undefined ? '' : `    needs: ${needs}\n`}    uses: change-actions/servicenow/.github/workflows/${workflow}.yml@v1
    permissions: { contents: read, actions: read, deployments: read, pull-requests: read, checks: read, statuses: read, id-token: write }
    with:
${quoted(inputs)}    secrets:${secrets === 'inherit' ? ' inherit\n' : `\n${quoted(secrets)}`}
  after:
    needs: call
    runs-on: ubuntu-latest
    steps:
      - env: { OUTPUTS: "\${{ toJSON(needs.call.outputs) }}" }
        run: printf '%s' "$OUTPUTS" > "$RECORDS/outputs.json"
`
  }
}

/** A repository whose workflow makes the same call twice in one run, with other inputs. */
export function twoCalls(one: Call, other: Call): Readonly<Record<string, string>> {
  const files = calling(one)
  const second = calling(other)['.github/workflows/release.yml']
  const job = second
    .slice(second.indexOf('  call:'), second.indexOf('  after:'))
    .replace('  call:', '  other:')
  const text = files['.github/workflows/release.yml']
  return { ...files, '.github/workflows/release.yml': text.replace('  after:\n', `${job}  after:\n`) }
}

/** Every call polls often, so that a run takes seconds. */
export const SOON = { timeout: '60', 'poll-interval': '1' }

/** The one change that the run created; fails when there is none, or more than one. */
export function onlyChange({ sandbox }: Pick<Played, 'sandbox'>) {
  const changes = sandbox.rows('change_request')
  assert.equal(changes.length, 1, `one change, not ${changes.map(one => one.number).join(', ') || 'none'}`)
  return changes[0] as (typeof changes)[number]
}

export const STATES = { review: '0', closed: '3', canceled: '4', implement: '-1', new: '-5' } as const

/** The change is in this state, with this close code, and was approved or not. */
export function assertChange(
  change: Readonly<Record<string, string | undefined>>,
  expected: Readonly<Record<string, string>>
): void {
  const seen = Object.fromEntries(Object.keys(expected).map(name => [name, change[name]]))
  assert.deepEqual(seen, expected)
}

export const DONE = { state: STATES.closed, close_code: 'successful' }
export const UNSUCCESSFUL = { state: STATES.closed, close_code: 'unsuccessful' }

/** The outputs that the caller of the workflow gets. */
export function outputsOf(played: Played): Record<string, string> {
  return JSON.parse(played.record('outputs.json') ?? 'null')
}

/** The environment variables that the deployment had. */
export function deploymentOf(played: Played, by = 'deployed'): Record<string, string> {
  const text = played.record(by)
  assert.ok(text !== undefined, 'nothing was deployed')
  return Object.fromEntries(
    text
      .trim()
      .split('\n')
      .map(line => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)])
  )
}

/** The deployment had the name of its change, which was in Implement then, and no credentials. */
export function assertDeployment(played: Played, expected: Readonly<Record<string, string>>, by?: string) {
  const seen = deploymentOf(played, by)
  for (const [name, value] of Object.entries(expected)) assert.equal(seen[name], value, name)
  assert.equal(seen.STATE, seen.CHANGE_SYS_ID === '' ? '' : STATES.implement)
  const secret = Object.entries(seen).filter(
    ([name, value]) => /SECRET|PASSWORD|USERNAME|SERVICENOW_TOKEN|API_KEY|_KEY/.test(name) && value !== ''
  )
  assert.deepEqual(secret, [])
}

export function assertNotDeployed(played: Played): void {
  assert.equal(played.record('deployed'), undefined, 'it was deployed')
}

export function errorsOf({ run }: Played) {
  return run.annotations.filter(one => one.kind === 'error')
}

/** The run shows exactly one error, with this title and text. */
export function assertError(played: Played, title: string, text: string | RegExp): void {
  const errors = errorsOf(played)
  assert.deepEqual(
    errors.map(one => one.title),
    [title]
  )
  assert.match(errors[0]?.text ?? '', toPattern(text))
}

/** The work notes of a change hold each of these texts. */
export function assertNotes({ sandbox }: Played, change: string, texts: readonly (string | RegExp)[]): void {
  const notes = sandbox.journal(change).map(one => one.text)
  for (const text of texts) {
    const found = notes.filter(note => (typeof text === 'string' ? note.includes(text) : text.test(note)))
    assert.equal(found.length, 1, `one note with ${text} among:\n${notes.join('\n---\n')}`)
  }
}

/** A call that its first step refuses: nothing was checked out, and no request was sent to the instance. */
export function refused(
  scenario: Pick<Scenario, 'subject' | 'name' | 'files' | 'vars' | 'secrets'>,
  texts: readonly (string | RegExp)[]
): Scenario {
  return {
    ...scenario,
    people: 'nothing',
    expected: 'failure',
    check(played) {
      const errors = errorsOf(played)
      assert.equal(errors.length, 1)
      assert.equal(errors[0]?.title, 'Input error')
      for (const text of texts) assert.match(errors[0]?.text ?? '', toPattern(text))
      assert.deepEqual(played.sandbox.requests, [])
      assert.deepEqual(
        played.run.steps.filter(one => one.stage === 'Main').map(one => [one.name, one.result]),
        [['Check the call', 'failure']]
      )
      assertNotDeployed(played)
    }
  }
}

function toPattern(text: string | RegExp): RegExp {
  return typeof text === 'string' ? new RegExp(text.replace(/[^\w\s]/g, '\\$&')) : text
}

/** The title of changes that {@link plantDeployed} makes. */
const EARLIER = 'Deployed long ago'

/** A change under which a commit was deployed to production long ago, with success. */
export function plantDeployed(sandbox: Sandbox, commit: string): void {
  const where = { serverUrl: 'https://github.com', repository: 'acme-bank/shop', environment: 'production' }
  const sysId = sandbox.insert('change_request', {
    number: 'CHG0020001',
    short_description: EARLIER,
    state: STATES.closed,
    close_code: 'successful',
    correlation_display: bindingOf({ commit, runId: '900', ...where })
  })
  sandbox.set('change_request', sysId, {
    sys_created_by: 'gha.deployer',
    sys_created_on: '2026-01-02 03:04:05'
  })
}

/** All changes but those. */
export function changesSince(sandbox: Sandbox) {
  return sandbox.rows('change_request').filter(change => change.short_description !== EARLIER)
}
