/** Exported variables and saved state: what a step leaves to later steps of its job. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import {
  approvedChange,
  ask,
  byHand,
  CHECK_ONCE,
  DEPLOY,
  inWorld,
  rows,
  run,
  STANDARD,
  WAIT
} from './run.mjs'

/** @typedef {import('./run.mjs').World} World */
/** @typedef {import('./run.mjs').StepOptions} StepOptions */

/** Exported variables: what later steps of the job get. */
export async function exportedVariables() {
  return inWorld(async world => {
    const one = await run(world, 'create-change', { inputs: DEPLOY })
    const env = { GITHUB_ACTION: 'second' }
    const job = one.env
    const two = await run(world, 'create-change', { inputs: DEPLOY, env, job })
    const again = await run(world, 'create-change', { inputs: DEPLOY, job: two.env })
    const gate = await run(world, 'gate', { inputs: STANDARD })
    return [
      { name: 'one change', facts: one.facts, written: { env: one.env } },
      { name: 'then a second change of the job', facts: two.facts, written: { env: two.env } },
      {
        name: 'then the first change is reused: it moves to the end',
        facts: again.facts,
        written: { env: again.env }
      },
      { name: 'the gate', facts: gate.facts, written: { env: gate.env } }
    ]
  })
}

const POLICY = `title: 'Deploy {repository} {version} to {environment}'
defaults: { assignment-group: DevOps Team }
environments:
  production: { timeout: 0, on-success: review, fields: { u_team: shop } }
`

/** @type {(signal: NodeJS.Signals) => (child: import('node:child_process').ChildProcess) => boolean} */
const kill = signal => child => child.kill(signal)

/** Saved state: what the main step of the gate left for its post step. */
export async function savedState() {
  const waiting = /waiting for approval/
  /** @type {[string, StepOptions, string?][]} */
  const cases = [
    ['before: killed while it waits for approval', { inputs: WAIT, when: waiting, act: kill('SIGKILL') }],
    [
      'entering: killed after the move to Implement',
      { inputs: STANDARD, when: /is in Implement now/, act: kill('SIGKILL') }
    ],
    ['entered', { inputs: STANDARD }],
    ['before, with the outcome timeout', { inputs: CHECK_ONCE }],
    ['before, with the outcome interrupted', { inputs: WAIT, when: waiting, act: kill('SIGTERM') }],
    ['with a policy file', { inputs: { environment: 'production' } }, POLICY],
    ['a dry run saves no change', { inputs: { ...CHECK_ONCE, 'dry-run': 'true' } }]
  ]
  const plain = cases.map(([name, options, policy]) =>
    inWorld(async world => {
      if (policy !== undefined) {
        const file = join(world.workspace, '.github/servicenow-change.yml')
        mkdirSync(dirname(file), { recursive: true })
        writeFileSync(file, policy)
      }
      return stateRecord(world, name, options, policy)
    })
  )
  const supplied = inWorld(async world => {
    const { number } = await approvedChange(world)
    return stateRecord(world, 'entered, with a change that was given', {
      inputs: { environment: 'production', 'change-number': number?.value ?? '' }
    })
  })
  const rejected = inWorld(async world => {
    const change = await byHand(world)
    await ask(world, 'dora.devops:dora-password', 'PATCH', change.sys_id.value, { state: '-4' })
    const inputs = { ...WAIT, 'change-number': change.number?.value ?? '' }
    const act = () => reject(world, change.sys_id.value)
    return stateRecord(world, 'before, with the outcome rejected', { inputs, when: waiting, act })
  })
  return Promise.all([...plain, supplied, rejected])
}

/** Anna says no, as soon as she is asked. @param {World} world @param {string} sysId */
async function reject(world, sysId) {
  for (;;) {
    const asked = await rows(world.url, 'sysapproval_approver', `sysapproval=${sysId}^state=requested`)
    if (asked.length > 0) break
    await new Promise(done => setTimeout(done, 100))
  }
  await ask(world, 'anna.approver:anna-password', 'PATCH', `${sysId}/approvals`, {
    state: 'rejected',
    comments: 'No.'
  })
}

/**
 * @param {World} world
 * @param {string} name
 * @param {StepOptions} options
 * @param {string} [policy]
 */
async function stateRecord(world, name, options, policy) {
  const { facts, state, code } = await run(world, 'gate', options)
  const file = policy === undefined ? {} : { files: { '.github/servicenow-change.yml': policy } }
  return { name, facts: { ...facts, ...file }, written: { exitCode: code, state } }
}
