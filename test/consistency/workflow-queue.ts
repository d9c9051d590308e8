/** Concurrency groups that are held while a job waits: of those behind it GitHub keeps one, unless it is told to queue. */
import { readWorkflow, type WorkflowJob } from './workflow-model.ts'

/**
 * For GitHub Enterprise Server, whose parser may not know `queue`: the page on approval strategies says what to do there.
 */
export const WITHOUT_QUEUE = ['examples/ghes.yml']

/** What waits for a change, or for a flow that makes one. */
const WAITS = /(?:^|\/)(?:servicenow|wait-approval|run-flow)(?:@|$)/

/** Lets others go on and deploys nothing: a look that was cancelled is made up for by the next one. */
const SWEEPS = /\/resume-deployments(?:@|$)/

/** Our own called workflows wait, with an environment of their own. */
const CALLED = /\/\.github\/workflows\//

/**
 * A group without `queue: max` on a workflow or job that waits for a change or at an environment: when a third run comes,
 * GitHub cancels the second one without a word.
 */
export function queueProblems(content: string): string[] {
  const { concurrency, jobs } = readWorkflow(content)
  const waiting = Object.entries(jobs).filter(([, job]) => isWaiting(job))
  const places = [
    ...(waiting.length > 0 ? [['the workflow', concurrency] as const] : []),
    ...waiting.map(([name, job]) => [`the job ${name}`, job.concurrency] as const)
  ]
  return places
    .filter(([, group]) => group !== undefined && !isQueue(group))
    .map(([place]) => `${place} waits: its concurrency group needs queue: max`)
}

function isWaiting({ uses, environment, steps = [] }: WorkflowJob): boolean {
  const used = steps.map(step => step.uses ?? '')
  if (used.some(one => SWEEPS.test(one))) return false
  return environment !== undefined || CALLED.test(`/${uses ?? ''}`) || used.some(one => WAITS.test(one))
}

/** A group that ends the run before it (always, or by an expression) cannot have a queue. */
function isQueue(group: unknown): boolean {
  if (typeof group !== 'object' || group === null) return false
  const { queue, 'cancel-in-progress': ends = false } = group as Record<string, unknown>
  return queue === 'max' || ends !== false
}
