import type { Deployment } from '@change-actions/change-operations'
import type { Runtime } from '../step/runtime.ts'

/** What inputs know of a deployment, beside the runner. */
export interface DeploymentInputs {
  /** The environment being deployed to. */
  readonly environment?: string | undefined
  /** Digests of what is deployed. */
  readonly artifactDigest?: readonly string[] | undefined
  /** Index of the job in its matrix, set by the runner. */
  readonly ownMatrixIndex?: string | undefined
}

/** The deployment, as GitHub and the inputs tell it. @param runtime with the commit that is deployed as `sha` */
export function deploymentOf(runtime: Runtime, inputs: DeploymentInputs = {}): Deployment {
  return {
    system: 'github',
    server: runtime.serverUrl,
    repository: runtime.repository,
    repositoryId: runtime.repositoryId,
    commit: runtime.sha,
    commitBasis: runtime.commitBasis === 'observed' ? 'observed' : 'stated',
    artifacts: inputs.artifactDigest ?? [],
    runCommit: runtime.sha === runtime.runSha ? '' : runtime.runSha,
    ref: runtime.ref,
    actor: runtime.actor,
    workflow: runtime.workflow,
    run: runtime.runId,
    attempt: runtime.runAttempt,
    runUrl: runtime.runUrl,
    job: runtime.job,
    step: runtime.step,
    leg: inputs.ownMatrixIndex ?? '',
    environment: inputs.environment ?? ''
  }
}
