import type { ClaimRules, Identity } from '@change-actions/change-operations'
import type { StepTools } from '../step/run-step.ts'
import type { Runtime } from '../step/runtime.ts'
import { type DeploymentInputs, deploymentOf } from './deployment.ts'
import { isRunCompleted } from './run-completed.ts'

/** What the inputs say about which changes are ours. */
export interface IdentityInputs extends DeploymentInputs {
  readonly trustedAccounts?: readonly string[] | undefined
  readonly bindingKey?: string | undefined
  readonly allowForeignChange?: boolean | undefined
}

/** Who deploys, and what a change must show to be ours. @param runtime with the commit that is deployed as `sha` */
export function identityOf(runtime: Runtime, inputs: IdentityInputs): Identity {
  return {
    deployment: deploymentOf(runtime, inputs),
    trustedAccounts: inputs.trustedAccounts ?? [],
    bindingKey: inputs.bindingKey,
    allowForeignChange: inputs.allowForeignChange ?? false
  }
}

/** How a step treats the claims of other runs. */
export function claimRulesOf(
  step: Pick<StepTools, 'env' | 'runtime' | 'log' | 'sleep'>,
  identity: Identity,
  inputs: { readonly takeOver: boolean; readonly githubToken?: string | undefined }
): ClaimRules {
  const { takeOver, githubToken } = inputs
  const over = new Set<string>()
  const runIsOver = async (runId: string): Promise<boolean | undefined> => {
    if (over.has(runId)) return true
    const completed = await isRunCompleted(step, githubToken, runId)
    // What has completed is not asked again.
    if (completed) over.add(runId)
    return completed
  }
  return { identity, takeOver, runIsOver }
}
