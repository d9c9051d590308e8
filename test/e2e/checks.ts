/** What must hold for every step of every scenario, whatever it is about. */
import { ACCOUNTS, API_KEYS, OAUTH_CLIENTS, type Sandbox } from '@change-actions/sandbox'
import { expect } from '@jest/globals'
import { endpointOf } from '../../scripts/endpoints.ts'
import { isExplained } from '../../scripts/troubleshooting.ts'
import type { Step } from './job.ts'
import { type ActionName, manifestOf } from './manifest.ts'

/** Every promise that can be checked without knowing what the step was for. */
export function checkStep(step: Step, instance: string): void {
  checkExit(step)
  checkLog(step)
  checkOutputs(step)
  checkSummary(step, instance)
  checkSecrets(step)
}

/** An action fails its step with exactly one titled error, and never without one. */
function checkExit({ code, annotations }: Step): void {
  const errors = annotations.filter(one => one.kind === 'error')
  expect([0, 1, 130]).toContain(code)
  expect(errors).toHaveLength(code === 1 ? 1 : 0)
  for (const error of errors) {
    expect(error.title).toMatch(/^(?:ServiceNow\b.*: .+|Input error|Change\b.*: .+)$/)
    // docs/troubleshooting.md has every title.
    expect([error.title, isExplained(error.title ?? '')]).toEqual([error.title, true])
    expect(error.message).not.toBe('')
  }
}

/** Nothing a server or a user wrote may reach the runner as a command, or the terminal as an escape. */
function checkLog({ log }: Step): void {
  for (const line of log.split('\n')) {
    const text = line.replace(/^::(?:add-mask|debug|notice|warning|error|group|endgroup)(?: [^:\n]*)?::/, '')
    expect(text).not.toMatch(/::|##\[/)
  }
  expect(log).not.toMatch(CONTROL)
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is searched for
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f\u009b]/

function checkOutputs({ action, code, outputs, env, inputs }: Step): void {
  const declared = manifestOf(action).outputs
  expect(declared).toEqual(expect.arrayContaining(Object.keys(outputs)))
  const isDry = [inputs['dry-run'], inputs.dry_run].includes('true')
  if (code === 0 && !isDry) expect(Object.keys(outputs).sort()).toEqual([...declared].sort())
  for (const name of ['metrics', 'attachments', 'approvals', 'report'])
    if (outputs[name] !== undefined) JSON.parse(outputs[name])
  if (outputs.metrics !== undefined) checkMetrics(JSON.parse(outputs.metrics))
  const exported = action === 'create-change' ? ['SERVICENOW_CHANGE_SYS_ID', 'SERVICENOW_CHANGE_NUMBER'] : []
  expect(exported).toEqual(expect.arrayContaining(Object.keys(env)))
}

function checkMetrics(metrics: Record<string, unknown>): void {
  const { requests, request_errors: errors, result, added_ms: added, creation_ms, wait_ms, ...rest } = metrics
  expect(rest).toEqual({})
  for (const count of [requests, errors, added, creation_ms ?? 0, wait_ms ?? 0])
    expect(count).toBeGreaterThanOrEqual(0)
  expect(result).toMatch(/^.+$/)
}

/** What names a step's part of the summary where there is no change, or where it lists things itself. */
const TITLES: Readonly<Record<ActionName, string>> = {
  'attach-evidence': 'Change evidence',
  'audit-deployments': 'Deployment audit',
  'check-connection': 'ServiceNow connection',
  'create-change': 'Change request',
  'preview-change': 'Change preview',
  'resume-deployments': 'Resumed deployments',
  'run-flow': 'ServiceNow flow',
  sandbox: 'ServiceNow sandbox',
  'send-event': 'ServiceNow event',
  'update-change': 'Change update',
  'wait-approval': 'Change approval'
}

/**
 * A step that got as far as its work leaves a summary, whether it passed, failed or was interrupted: one block that
 * begins with its verdict, or one line. It links to the change, to its own repository and to the troubleshooting page.
 */
function checkSummary({ action, outputs, summary }: Step, instance: string): void {
  if (outputs.metrics !== undefined || summary !== '')
    expect(summary.split(/^(?=## )/m)).toEqual([expect.stringMatching(beginningOf(TITLES[action]))])
  checkLinks(summary, instance)
  const links = linksIn(summary)
  const url = outputs['change-url'] ?? ''
  if (url !== '' && summary !== '') expect(links).toContain(url)
  expect(summary).not.toMatch(/<|(?<!\\)!\[|::|##\[/)
  expect(summary).not.toMatch(CONTROL)
}

/** `## CHG0030001: approved, …`, `[CHG0030001](…): created, …`, or the title in place of a number, which may be any text. */
export function beginningOf(title: string): RegExp {
  return new RegExp(`^(?:## (?:.+: .+|${title})\n\n|\\[.+\\]\\(|${title})`)
}

export function linksIn(summary: string): (string | undefined)[] {
  return [...summary.matchAll(/(?<!\\)\]\(([^)]*)\)/g)].map(([, target]) => target)
}

/** No link leads elsewhere, whatever records and commits say. */
export function checkLinks(summary: string, instance: string): void {
  const page = String.raw`change-actions/servicenow/blob/v[\d.]+/docs/troubleshooting\.md#[a-z-]+`
  const run = String.raw`[\w-]+/[\w-]+(?:/(?:commit/\w+|actions/runs/\d+|compare/[\w.]+|deployments/[\w%-]+))?`
  const allowed = new RegExp(`^(?:${instance}/nav_to\\.do\\?uri=.*|https://github\\.com/(?:${page}|${run}))$`)
  for (const link of linksIn(summary)) expect(link).toMatch(allowed)
}

const encode = (text: string): string => Buffer.from(text).toString('base64')

const SANDBOX_SECRETS = [
  ...ACCOUNTS.flatMap(({ userName, password }) => [password, encode(`${userName}:${password}`)]),
  ...OAUTH_CLIENTS.map(client => client.secret),
  ...API_KEYS.map(({ key }) => key)
]

/** Nothing secret in anything a step writes: neither what was given nor what was made of it on the way. */
function checkSecrets(step: Step): void {
  const { inputs, masks, log, outputs, env, state, summary } = step
  const given = ['client-secret', 'password', 'private-key', 'token', 'api-key'].flatMap(
    name => inputs[name] || []
  )
  const basic = encode(`${inputs.username ?? ''}:${inputs.password ?? ''}`)
  const printed = log
    .split('\n')
    .filter(line => !line.startsWith('::add-mask::'))
    .join('\n')
  const written = [printed, summary, JSON.stringify([outputs, env, state])].join('\n')
  const secrets = new Set([...SANDBOX_SECRETS, ...given, basic, ...masks])
  const leaked = [...secrets].filter(secret => secret.length >= 4 && written.includes(secret))
  expect(leaked).toEqual([])
}

/** The actions never approve and never delete, and send nothing that docs/security.md does not list. */
export function checkRequests(sandbox: Sandbox): void {
  const ours = sandbox.requests.filter(one => one.userAgent.startsWith('change-actions-servicenow/'))
  const forbidden = ours.filter(one => one.method === 'DELETE' || /\/approvals\b/.test(one.path))
  expect(forbidden).toEqual([])
  const unlisted = ours.filter(one => endpointOf(one.method, one.path) === undefined)
  expect(unlisted).toEqual([])
}
