/** Claims and notes: what stands in work notes and comments. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  approvedChange,
  CHECK_ONCE,
  DEPLOY,
  expectCode,
  inWorld,
  journalOf,
  RUN,
  run,
  STANDARD
} from './run.mjs'

/** @typedef {import('./run.mjs').World} World */
/** @typedef {import('./run.mjs').StepOptions} StepOptions */
/** @typedef {import('./run.mjs').Step} Step */
/** @typedef {import('./run.mjs').ActionName} ActionName */

/** Claims: the work notes of changes that were taken to Implement. */
export async function claims() {
  const version = { version: 'v1.2.3' }
  const second = { GITHUB_RUN_ID: '1002' }
  const kept = inWorld(async world => {
    const first = await claimRecord(world, 'generation 1', { inputs: { ...STANDARD, ...version } })
    const rerun = { inputs: { ...STANDARD, ...version }, env: { GITHUB_RUN_ATTEMPT: '2' } }
    const again = await claimRecord(world, 'then the next attempt of the run: the same generation', rerun)
    const taking = { inputs: { ...STANDARD, ...version, 'take-over': 'true' }, env: second }
    return [
      first,
      again,
      await claimRecord(world, 'then another run takes over: the next generation', taking)
    ]
  })
  const others = [
    claimOf('lifecycle-notes: false', { inputs: { ...STANDARD, ...version, 'lifecycle-notes': 'false' } }),
    claimOf('second leg of a matrix', { inputs: { ...STANDARD, ...version, 'own-matrix-index': '1' } }),
    claimOf('no environment', { inputs: { ...STANDARD, ...version, environment: '' } }),
    claimOf('outside GitHub Actions: run 0', {
      inputs: { ...STANDARD, 'correlation-id': 'shop-v1.2.3' },
      env: Object.fromEntries(Object.keys(RUN).map(name => [name, '']))
    })
  ]
  return [...(await kept), ...(await Promise.all(others)), await lostClaim()]
}

/** @param {string} name @param {StepOptions} options */
function claimOf(name, options) {
  return inWorld(world => claimRecord(world, name, options))
}

/**
 * @param {World} world
 * @param {string} name
 * @param {StepOptions} options
 */
async function claimRecord(world, name, options) {
  const step = await run(world, 'gate', options)
  expectCode(step, 0)
  const journal = await journalOf(world, step.outputs['change-sys-id'] ?? '')
  return { name, facts: step.facts, written: { journal: journal.entries, work_notes: journal.workNotes } }
}

/** Two runs claim an approved change at once: at a slow instance both read the journal before either writes. */
async function lostClaim() {
  for (;;) {
    const record = await inWorld(race, ['--latency', '400'])
    if (record !== undefined) return record
  }
}

/** @param {World} world */
async function race(world) {
  const { number } = await approvedChange(world)
  const inputs = { environment: 'production', 'change-number': number?.value ?? '' }
  const options = [{ inputs }, { inputs, env: { GITHUB_RUN_ID: '1002' } }]
  const steps = await Promise.all(options.map(one => run(world, 'gate', one)))
  const winner = steps.find(step => step.code === 0)
  const loser = steps.find(step => step.code === 1)
  if (winner === undefined || loser === undefined) throw new Error('One of two runs gets the change.')
  const { entries, workNotes } = await journalOf(world, loser.outputs['change-sys-id'] ?? '')
  if (!workNotes.includes('claim-lost')) return undefined
  return {
    name: 'two runs at once: the later one takes its claim back',
    facts: { ...loser.facts, otherRun: winner.facts },
    written: { journal: entries, work_notes: workNotes, state: loser.state }
  }
}

/** Note markers: what each step wrote into work notes and comments. */
export async function notes() {
  const note = { 'work-notes': 'Reviewed by the shop team.' }
  const create = inWorld(async world => {
    const first = await noteRecord(world, 'work-notes of create-change', 'create-change', {
      inputs: { ...DEPLOY, ...note }
    })
    const again = { inputs: { ...DEPLOY, ...note }, env: { GITHUB_RUN_ATTEMPT: '2' } }
    return [first, await noteRecord(world, 'then the next attempt: no second note', 'create-change', again)]
  })
  const update = inWorld(async world => {
    const made = await run(world, 'create-change', { inputs: DEPLOY })
    const env = { GITHUB_ACTION: 'update' }
    const inputs = { ...note, comments: 'The shop is closed for ten minutes.' }
    return [await noteRecord(world, 'update-change', 'update-change', { inputs, env, job: made.env })]
  })
  const attach = inWorld(async world => {
    const made = await run(world, 'create-change', { inputs: DEPLOY })
    writeFileSync(join(world.workspace, 'report.txt'), 'all is well\n')
    const options = { inputs: { files: 'report.txt' }, env: { GITHUB_ACTION: 'attach' }, job: made.env }
    return [await noteRecord(world, 'attach-evidence, one file "all is well\\n"', 'attach-evidence', options)]
  })
  const gate = ['success', 'failure'].map(result =>
    inWorld(async world => {
      const main = await run(world, 'gate', { inputs: STANDARD })
      expectCode(main, 0)
      const options = { inputs: { ...STANDARD, 'job-status': result }, state: main.state }
      return [await noteRecord(world, `end of a deployment, job ${result}`, 'gate, post step', options, main)]
    })
  )
  const leg = inWorld(async world => {
    const inputs = { ...STANDARD, 'own-matrix-index': '1' }
    const main = await run(world, 'gate', { inputs })
    return [
      await noteRecord(
        world,
        'end, second leg of a matrix',
        'gate, post step',
        { inputs, state: main.state },
        main
      )
    ]
  })
  const shut = inWorld(async world => {
    const main = await run(world, 'gate', { inputs: CHECK_ONCE })
    const options = { inputs: { ...CHECK_ONCE, 'job-status': 'failure' }, state: main.state }
    return [await noteRecord(world, 'not deployed', 'gate, post step', options, main)]
  })
  return (await Promise.all([create, update, attach, ...gate, leg, shut])).flat()
}

/**
 * @param {World} world
 * @param {string} name
 * @param {ActionName} action
 * @param {StepOptions} options
 * @param {Step} [main] whose change a post step is about
 */
async function noteRecord(world, name, action, options, main) {
  const step = await run(world, action, options)
  expectCode(step, 0)
  const journal = await journalOf(world, (main ?? step).outputs['change-sys-id'] ?? '')
  return { name, facts: step.facts, written: { journal: journal.entries, work_notes: journal.workNotes } }
}
