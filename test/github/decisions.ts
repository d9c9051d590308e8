/** Pending deployments, and the two ways to decide them: a person's review, and the decision of an App's rule. */
import type { ApiResponse, Call, Handler } from './call.ts'
import { deploymentView } from './deployments.ts'
import {
  environmentBase,
  environmentView,
  findEnvironment,
  isReviewer,
  reviewersView
} from './environments.ts'
import { decide, openRules, waitingGate } from './gates.ts'
import { invalid, Refusal } from './refusal.ts'
import { requireRun } from './run-handlers.ts'
import { type App, type Environment, type Gate, latestAttempt, type Run, type User } from './state.ts'
import { ok, time, userView } from './views.ts'

/** Documented: status notes of one deployment, and their length. */
const MAX_NOTES = 10
const MAX_NOTE = 1024

function personOf(call: Call): User | undefined {
  return 'token' in call.caller ? call.caller.token.user : undefined
}

function canApprove(call: Call, run: Run, environment: Environment): boolean {
  const user = personOf(call)
  if (user === undefined || !isReviewer(environment, user)) return false
  return !(environment.preventSelfReview && latestAttempt(run).actor === user)
}

function pendingView(call: Call, run: Run, gate: Gate): object {
  const { environment, openedAt } = gate
  return {
    environment: environmentBase(call, call.repository, environment),
    wait_timer: environment.waitMinutes,
    wait_timer_started_at: environment.waitMinutes > 0 ? time(openedAt) : null,
    current_user_can_approve: canApprove(call, run, environment),
    reviewers: reviewersView(call, environment.reviewers)
  }
}

interface ReviewBody {
  readonly environment_ids: readonly number[]
  readonly state: 'approved' | 'rejected'
  readonly comment: string
}

/** All environments are checked before one is decided. */
function review(call: Call): ApiResponse {
  const run = requireRun(call)
  const { environment_ids: ids, state, comment } = call.body as unknown as ReviewBody
  const waiting = latestAttempt(run).gates.filter(gate => gate.state === 'waiting')
  const gates = [...new Set(ids)].map(id => {
    const gate = waiting.find(({ environment }) => environment.id === id)
    if (gate === undefined) throw invalid(`No pending deployment for environment ${id}.`)
    if (!canApprove(call, run, gate.environment)) {
      throw new Refusal(403, `You cannot review deployments to ${gate.environment.name}.`)
    }
    return gate
  })
  const user = call.actor
  for (const gate of gates) decide(call.world, run, gate, { state, comment, user })
  const deployments = gates.flatMap(gate => gate.jobs.flatMap(job => job.deployment ?? []))
  return ok(deployments.map(one => deploymentView(call, call.repository, one)))
}

interface RuleBody {
  readonly environment_name: string
  readonly state?: 'approved' | 'rejected'
  readonly comment?: string
}

/** The App of an installation token, when it owns a rule of the environment. */
function ownerOfRule(call: Call, environment: Environment): App {
  const app = call.caller.kind === 'installation' ? call.caller.token.installation?.app : undefined
  const rule = environment.rules.find(one => one.enabled && one.app === app)
  if (rule === undefined) throw new Refusal(403, 'Resource not accessible by integration')
  return rule.app
}

function requireOpenRule(call: Call, run: Run, environment: Environment, app: App): Gate {
  const { secondDecision, nothingWaiting } = call.world.settings.undocumented
  const gate = waitingGate(run, environment)
  if (gate && openRules(gate).includes(app)) return gate
  const last = latestAttempt(run).gates.findLast(one => one.environment === environment)
  if (last?.decisions.has(app)) throw new Refusal(secondDecision, 'This deployment has been decided already.')
  throw new Refusal(nothingWaiting, 'No deployment to this environment is waiting.')
}

function decideRule(call: Call): ApiResponse {
  const run = requireRun(call)
  const { environment_name: name, state, comment = '' } = call.body as unknown as RuleBody
  const environment = findEnvironment(call.repository, name)
  if (environment === undefined) {
    throw new Refusal(call.world.settings.undocumented.unknownEnvironment, `There is no environment ${name}.`)
  }
  const app = ownerOfRule(call, environment)
  const gate = requireOpenRule(call, run, environment, app)
  if (state === undefined) note(gate, app, comment)
  else decide(call.world, run, gate, { state, comment, user: app.bot, app })
  return { status: 204 }
}

function note(gate: Gate, app: App, comment: string): void {
  const notes = gate.notes.get(app) ?? []
  if ([...comment].length > MAX_NOTE) throw invalid(`comment is too long (maximum is ${MAX_NOTE} characters)`)
  if (notes.length >= MAX_NOTES) throw invalid(`A deployment can have at most ${MAX_NOTES} status notes.`)
  gate.notes.set(app, [...notes, comment])
}

export const decisionHandlers: Readonly<Record<string, Handler>> = {
  'actions/get-pending-deployments-for-run': call => {
    const run = requireRun(call)
    const waiting = latestAttempt(run).gates.filter(gate => gate.state === 'waiting')
    return ok(waiting.map(gate => pendingView(call, run, gate)))
  },
  'actions/review-pending-deployments-for-run': review,
  'actions/review-custom-gates-for-run': decideRule,
  'actions/get-reviews-for-run': call => {
    const { rulesInApprovals } = call.world.settings.undocumented
    const shown = requireRun(call).approvals.filter(one => rulesInApprovals || !one.byRule)
    return ok(
      shown.map(({ environment, state, user, comment }) => {
        const {
          protection_rules: _,
          deployment_branch_policy: __,
          can_admins_bypass: ___,
          ...base
        } = environmentView(call, call.repository, environment) as Record<string, unknown>
        return { environments: [base], state, user: userView(call, user), comment }
      })
    )
  }
}
