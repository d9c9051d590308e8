/** Protection rules of environments at work: which jobs go on, which wait, and decisions. */
import { createDeployment } from './deployments.ts'
import { ensureEnvironment, isBranchAllowed } from './environments.ts'
import { endJob, tell } from './jobs.ts'
import {
  type App,
  type Environment,
  type Gate,
  type Job,
  latestAttempt,
  type Run,
  type User,
  type World
} from './state.ts'

const MINUTE_MS = 60_000

/** Lets every job go on whose needs have succeeded; those that can no longer run are skipped. */
export function releaseJobs(world: World, run: Run): void {
  const attempt = latestAttempt(run)
  attempt.updatedAt = world.now()
  const byKey = new Map(attempt.jobs.map(job => [job.key, job]))
  for (let changed = true; changed; ) {
    changed = false
    for (const job of attempt.jobs.filter(({ status }) => status === 'blocked')) {
      const needs = job.needs.map(key => byKey.get(key))
      if (needs.some(one => one?.status !== 'completed')) continue
      if (needs.some(one => one?.conclusion !== 'success')) endJob(world, job, 'skipped')
      else arrive(world, run, job)
      changed = true
    }
  }
}

/** A job whose needs have ended: it is queued, waits at its environment, or fails. */
export function arrive(world: World, run: Run, job: Job): void {
  if (job.environment === undefined) {
    job.status = 'queued'
    return
  }
  const environment = ensureEnvironment(world, run.repository, job.environment)
  const withoutDeployment = !job.makesDeployment && environment.rules.some(rule => rule.enabled)
  if (!isBranchAllowed(run.repository, environment, run.ref) || withoutDeployment) {
    endJob(world, job, 'failure')
    return
  }
  if (job.makesDeployment) {
    const { sha, ref, actor } = run
    const name = ref.replace(/^refs\/(heads|tags)\//, '')
    job.deployment = createDeployment(world, run.repository, {
      sha,
      ref: name,
      environment: environment.name,
      creator: actor
    })
  }
  waitAt(world, run, job, environment)
}

function waitAt(world: World, run: Run, job: Job, environment: Environment): void {
  const attempt = latestAttempt(run)
  const existing = attempt.gates.find(gate => gate.environment === environment && gate.state === 'waiting')
  const passed = attempt.gates.some(gate => gate.environment === environment && gate.state === 'passed')
  if (passed && !world.settings.undocumented.laterJobWaits) {
    queue(world, run, job)
    return
  }
  const gate = existing ?? openGate(world, run, environment)
  gate.jobs.push(job)
  job.status = 'waiting'
  if (isHeld(world, gate)) tell(world, run, job, 'waiting')
  settle(world, run, gate)
}

function openGate(world: World, run: Run, environment: Environment): Gate {
  const attempt = latestAttempt(run)
  const decisions = new Map<App, 'approved' | 'rejected'>()
  const again = attempt.passesAgain.has(environment.name)
  if (again && world.settings.undocumented.ruleOnRerun === 'passes') {
    for (const { app } of environment.rules) decisions.set(app, 'approved')
  }
  // A timer that has run out once has run out.
  const openedAt = again ? world.now() - environment.waitMinutes * MINUTE_MS : world.now()
  const gate: Gate = {
    environment,
    jobs: [],
    openedAt,
    decisions,
    notes: new Map(),
    reviewed: false,
    state: 'waiting'
  }
  attempt.gates.push(gate)
  return gate
}

/** Apps whose rules have not decided yet. */
export function openRules(gate: Gate): App[] {
  const enabled = gate.environment.rules.filter(rule => rule.enabled)
  return enabled.map(rule => rule.app).filter(app => !gate.decisions.has(app))
}

/** When the wait timer of a gate ends. */
export function timerEnd(gate: Gate): number {
  return gate.openedAt + gate.environment.waitMinutes * MINUTE_MS
}

function isHeld(world: World, gate: Gate): boolean {
  const needsReview = gate.environment.reviewers.length > 0 && !gate.reviewed
  return needsReview || openRules(gate).length > 0 || world.now() < timerEnd(gate)
}

/** Lets the jobs of a gate go on when nothing holds them any longer. */
export function settle(world: World, run: Run, gate: Gate): void {
  if (gate.state !== 'waiting' || isHeld(world, gate)) return
  gate.state = 'passed'
  for (const job of gate.jobs) queue(world, run, job)
}

function queue(world: World, run: Run, job: Job): void {
  job.status = 'queued'
  tell(world, run, job, 'queued')
}

/** The jobs of a gate fail: it was rejected, or has waited too long. */
export function failGate(world: World, run: Run, gate: Gate): void {
  gate.state = 'rejected'
  for (const job of gate.jobs) {
    endJob(world, job, 'failure')
    tell(world, run, job, 'failure')
  }
  releaseJobs(world, run)
}

/** The gate at which jobs of the latest attempt wait. */
export function waitingGate(run: Run, environment: Environment): Gate | undefined {
  return latestAttempt(run).gates.find(gate => gate.environment === environment && gate.state === 'waiting')
}

/** A review by a person, or the decision of an App's rule. */
export interface Decision {
  readonly state: 'approved' | 'rejected'
  readonly comment: string
  readonly user: User
  /** The App, where a rule decides. */
  readonly app?: App
}

/** Carries out a decision that was found to be allowed. */
export function decide(world: World, run: Run, gate: Gate, decision: Decision): void {
  const { state, comment, user, app } = decision
  const attempt = latestAttempt(run).number
  run.approvals.push({
    environment: gate.environment,
    state,
    comment,
    user,
    byRule: app !== undefined,
    attempt
  })
  latestAttempt(run).updatedAt = world.now()
  if (app) gate.decisions.set(app, state)
  if (state === 'rejected') failGate(world, run, gate)
  else {
    if (app === undefined) gate.reviewed = true
    settle(world, run, gate)
  }
}

/** An administrator lets a gate pass in spite of its rules. @throws Error where the environment forbids it */
export function bypass(world: World, run: Run, gate: Gate, user: User, comment: string): void {
  if (!gate.environment.adminsCanBypass)
    throw new Error(`administrators may not bypass ${gate.environment.name}`)
  const attempt = latestAttempt(run).number
  run.approvals.push({
    environment: gate.environment,
    state: 'approved',
    comment,
    user,
    byRule: false,
    attempt
  })
  gate.state = 'passed'
  for (const job of gate.jobs) queue(world, run, job)
}
