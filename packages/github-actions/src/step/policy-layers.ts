import type { policyInputs } from '../input-sets/policy.ts'
import type { Shape } from '../inputs/field.ts'
import type { GivenText, Layers, StepTools } from './definition.ts'

/**
 * Has the policy's values lie under the inputs of a step that has an `environment`. Only the gate is freed by a policy:
 * what a step is told to do outside of it is done, in an environment that is not change-controlled too, with a notice.
 */
export function layersOfEnvironment<S extends Shape & typeof policyInputs>(inputs: S) {
  return async (given: GivenText<S>, tools: StepTools): Promise<Layers> => {
    const environment = given('environment')
    if (environment === undefined) return { layers: [] }
    const { applyPolicy, freeText, policyText } = await import(
      /* webpackChunkName: "policy" */ '../policy/index.ts'
    )
    const request = { inputs, environment, file: given('policyFile'), token: policyTokenOf(given) }
    const applied = await applyPolicy(request, tools)
    tools.log.info(policyText(applied))
    if (applied.kind === 'none') return { layers: [] }
    if (applied.kind === 'free')
      tools.log.notice(
        `${freeText(applied, environment)} This step acts all the same: only the gate is left out.`
      )
    return applied
  }
}

/** The token that reads the policy: the one given for it, else the job's own. */
export function policyTokenOf<S extends Shape>(given: GivenText<S>): string | undefined {
  return given('policyToken') ?? given('githubToken')
}
