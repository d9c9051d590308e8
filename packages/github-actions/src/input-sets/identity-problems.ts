/** Whether a correlation id can be derived: from facts that tell this deployment from every other one. */
import type { Env } from '../step/runtime.ts'
import type { CreateInputs } from './create.ts'
import { isSupplied } from './create-problems.ts'

/** Facts of every derived identity. */
const FACTS = ['GITHUB_SERVER_URL', 'GITHUB_REPOSITORY', 'GITHUB_WORKFLOW', 'GITHUB_JOB'] as const

/**
 * @param env the variables of the runner
 * @param more variables that this action derives its identity from, beside those of all
 */
export function derivedIdentityProblems(
  values: Partial<CreateInputs>,
  env: Env,
  more: readonly string[]
): string[] {
  if (values.correlationId !== undefined || isSupplied(values)) return []
  return [...factsProblems(env, more), ...scopeProblems(values, env)]
}

/** Without a fact two deployments have the same identity. */
function factsProblems(env: Env, more: readonly string[]): string[] {
  const missing = [...FACTS, ...more].filter(name => (env[name] ?? '') === '')
  if (missing.length === 0) return []
  return [
    `\`correlation-id\` cannot be derived: ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} not set, as outside of GitHub Actions; give \`correlation-id\`, a text that is the same for each attempt of this deployment and for no other one`
  ]
}

/** Calls of one workflow share run, job and step, in a matrix of the caller also the matrix index. */
function scopeProblems({ ownWorkflowRef, correlationScope }: Partial<CreateInputs>, env: Env): string[] {
  if (correlationScope !== undefined || !isCalled(ownWorkflowRef, env.GITHUB_WORKFLOW_REF)) return []
  return [
    `\`correlation-scope\` is required in a called workflow (${ownWorkflowRef}): run, job and step are the same for every call of it, so two calls would share one change; give \`correlation-scope\`, any text that differs between the calls, such as an input of the workflow`
  ]
}

/**
 * Whether the job is defined in another workflow file than the run.
 *
 * @param own `owner/repo/.github/workflows/file.yml@ref` of the job; empty on older runners
 * @param caller that of the run
 */
function isCalled(own: string | undefined, caller: string | undefined): boolean {
  const [ownFile, callerFile] = [own, caller].map(ref => (ref ?? '').split('@')[0]?.toLowerCase())
  return ownFile !== '' && callerFile !== '' && ownFile !== callerFile
}
