import type { TransitionFacts } from '@change-actions/change-operations'
import { Problem } from '@change-actions/servicenow-client'
import { entryOf } from '../product.ts'
import { CHANGE_EXPLANATIONS } from './change-problems.ts'
import { CLIENT_EXPLANATIONS } from './client-problems.ts'
import { DOOR_EXPLANATIONS } from './door-problems.ts'
import { type Explanation, fillIn, type Variant } from './explanation.ts'
import { transitionText } from './move-problems.ts'
import { STEP_EXPLANATIONS } from './step-problems.ts'

/** How a change stands, as far as the step has read it. */
export interface CurrentStatus {
  readonly number: string
  readonly stateLabel: string
  readonly approval: string
  readonly url: string
}

/** What a step adds to a problem before it is described. */
export interface StatusFacts {
  /** `none`: the step has found or made no change so far. */
  readonly current?: CurrentStatus | 'none'
  /** The manual action that is required, as a sentence. */
  readonly leftToDo?: string
}

/** A problem in words. Texts may come from outside: the log and the summary make them harmless. */
export interface Description {
  readonly title: string
  /** What happened, the likely cause, the fix and the current status; each on a line. */
  readonly lines: readonly string[]
  /** The fix alone, without a full stop. */
  readonly fix: string
  /** Address of the entry on the troubleshooting page. */
  readonly page: string
}

/** Every code that can be explained, in the order of the troubleshooting page. */
export const EXPLANATIONS: Readonly<Record<string, Explanation<never>>> = {
  ...STEP_EXPLANATIONS,
  ...CHANGE_EXPLANATIONS,
  ...DOOR_EXPLANATIONS,
  ...CLIENT_EXPLANATIONS
}

/** Whether an error was made for people, and can be described. */
export function isDescribable(error: unknown): error is Problem {
  return error instanceof Problem && Object.hasOwn(EXPLANATIONS, error.code)
}

/**
 * Title, cause and fix of a problem. One place makes them all, by its code.
 *
 * @throws TypeError for a code that has no explanation
 */
export function describeProblem(problem: Problem): Description {
  const texts = textsOf(problem)
  return { ...texts, page: entryOf(problem.code) }
}

function textsOf(problem: Problem): Omit<Description, 'page'> {
  const explanation = EXPLANATIONS[problem.code] as Explanation<object> | undefined
  if (explanation === undefined) throw new TypeError(`${problem.code} has no explanation`)
  const { facts, subject, outcome } = problem
  const number = subject?.number ?? ''
  const { title, cause, fix } = { ...explanation, ...variantOf(explanation, facts) }
  const { status } = facts as { status?: number | string }
  const values = {
    number,
    outcome: outcome ?? '',
    status: status === undefined ? '' : String(status),
    ...explanation.values?.(facts)
  }
  const listed = problem.code === 'input'
  const todo = fillIn(fix, values)
  return {
    title: fillIn(title, values),
    fix: todo,
    lines: [
      ...explanation.happened(facts, number).split('\n'),
      ...detailsOf(facts),
      ...(explanation.obvious ? [] : [`Likely cause: ${fillIn(cause, values)}.`]),
      ...(listed ? [] : [`Fix: ${todo}.`]),
      ...statusOf(facts),
      ...leftToDoOf(facts)
    ]
  }
}

function variantOf(explanation: Explanation<object>, facts: object): Variant {
  const name = explanation.variant?.(facts)
  return name === undefined ? {} : (explanation.variants?.[name] ?? {})
}

/** What was found out about a refused move, and why the last poll of a wait failed. */
function detailsOf(facts: object): string[] {
  const { transition, last } = facts as { transition?: TransitionFacts; last?: Problem }
  const why = transition === undefined ? '' : transitionText(transition)
  return [...(why === '' ? [] : [why]), ...(last === undefined ? [] : textsOf(last).lines)]
}

function leftToDoOf({ leftToDo }: StatusFacts): string[] {
  return leftToDo === undefined ? [] : [`Manual action required: ${leftToDo}`]
}

function statusOf(facts: StatusFacts): string[] {
  const { current } = facts
  if (current === undefined) return []
  if (current === 'none') return ['Current status: this step has found or made no change so far.']
  const { number, stateLabel, approval, url } = current
  // A change that was just made may show nothing but its sys_id.
  if (stateLabel === '')
    return [`Current status: ${number || 'the change'} exists, its state is not known: ${url}.`]
  return [`Current status: ${number} is in ${stateLabel}, approval ${approval}: ${url}.`]
}
