/** What must hold for every step of the gate, whatever its scenario is about. */
import { ACCOUNTS, OAUTH_CLIENTS } from '@change-actions/sandbox'
import { expect } from '@jest/globals'
import { isExplained } from '../../../scripts/troubleshooting.ts'
import { beginningOf, checkLinks } from '../checks.ts'
import type { GateStep } from './gate-job.ts'
import { MANIFEST, TOKEN } from './root-action.ts'

export function checkGateStep(step: GateStep, instance: string): void {
  checkExit(step)
  checkLog(step)
  if (step.stage === 'main') checkOutputs(step)
  checkSummary(step, instance)
  checkSecrets(step)
}

/** One titled error when it fails; a post step that could not finish has one, and passes. */
function checkExit({ code, annotations, stage }: GateStep): void {
  const errors = annotations.filter(one => one.kind === 'error')
  expect([0, 1, 130, null]).toContain(code)
  if (code === 1) expect(errors).toHaveLength(1)
  else expect(errors.length).toBeLessThanOrEqual(stage === 'post' ? 1 : 0)
  for (const error of errors) {
    expect(error.title).toMatch(/^(?:ServiceNow\b.*: .+|Input error|Change .+: .+)$/)
    expect([error.title, isExplained(error.title ?? '')]).toEqual([error.title, true])
    expect(error.message).not.toBe('')
  }
}

/** Nothing a server or a user wrote may reach the runner as a command. */
function checkLog({ log }: GateStep): void {
  for (const line of log.split('\n')) {
    const text = line.replace(/^::(?:add-mask|debug|notice|warning|error|group|endgroup)(?: [^:\n]*)?::/, '')
    expect(text).not.toMatch(/::|##\[/)
  }
}

function checkOutputs({ code, outputs }: GateStep): void {
  const declared = Object.keys(MANIFEST.outputs)
  expect(declared).toEqual(expect.arrayContaining(Object.keys(outputs)))
  expect(outputs.approved).toBe(String(outputs.outcome === 'approved'))
  if (code === 0) expect(['approved', 'not-required']).toContain(outputs.outcome)
  else expect(outputs.approved).toBe('false')
  if (outputs.outcome === 'approved') expect(Object.keys(outputs).sort()).toEqual([...declared].sort())
  for (const name of ['metrics', 'attachments', 'approvals'])
    if (outputs[name] !== undefined) JSON.parse(outputs[name])
}

const TITLES = { main: 'Change-controlled deployment', post: 'Change after the deployment' } as const

/** A step that got as far as its work leaves a summary, however it ended: one block that begins with its verdict. */
function checkSummary({ stage, outputs, summary }: GateStep, instance: string): void {
  if (outputs.metrics !== undefined || summary !== '')
    expect(summary.split(/^(?=## )/m)).toEqual([expect.stringMatching(beginningOf(TITLES[stage]))])
  checkLinks(summary, instance)
  expect(summary).not.toMatch(/<|(?<!\\)!\[|::|##\[/)
}

const encode = (text: string): string => Buffer.from(text).toString('base64')

const SECRETS = [
  TOKEN,
  ...ACCOUNTS.flatMap(({ userName, password }) => [password, encode(`${userName}:${password}`)]),
  ...OAUTH_CLIENTS.map(client => client.secret)
]

/** Nothing secret in anything a step leaves, its state for the post step included. */
function checkSecrets({ inputs, masks, log, outputs, env, state, summary }: GateStep): void {
  const given = ['client-secret', 'password', 'token', 'api-key'].flatMap(name => inputs[name] || [])
  const printed = log
    .split('\n')
    .filter(line => !line.startsWith('::add-mask::'))
    .join('\n')
  const written = [printed, summary, JSON.stringify([outputs, env, state])].join('\n')
  const secrets = new Set([...SECRETS, ...given, ...masks])
  expect([...secrets].filter(secret => secret.length >= 4 && written.includes(secret))).toEqual([])
}
