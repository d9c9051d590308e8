import { controlOf, originalPath, SWITCH } from '@change-actions/change-control'
import { inputError } from '../inputs/error.ts'
import type { Shape } from '../inputs/field.ts'
import type { Layer } from '../inputs/source.ts'
import type { PolicyFacts } from './facts.ts'
import { policyKeys } from './policy-inputs.ts'
import { type PolicyFile, placeIn, readPolicyFile } from './read-policy.ts'

/** Where the policy file is looked for when none is named. */
export const DEFAULT_POLICY_FILE = '.github/servicenow-change.yml'

/** What a policy is applied to. */
export interface PolicyRequest {
  /** The action's inputs: most of them may stand in the file. */
  readonly inputs: Shape
  /** `policy-file` as given; undefined: the default file, which may be missing. */
  readonly file: string | undefined
  /** The environment being deployed to; undefined when none is given. */
  readonly environment: string | undefined
  /** Folder that a relative path starts from. */
  readonly workspace: string
}

/** What a policy says of a deployment. */
export type AppliedPolicy =
  /** It needs a change, and here are values for it: the environment's section, then the defaults. */
  | { readonly kind: 'controlled'; readonly policy: PolicyFacts; readonly layers: readonly Layer[] }
  /** It needs none. */
  | { readonly kind: 'free'; readonly policy: PolicyFacts }
  /** There is no policy file where it was looked for: the deployment needs a change. */
  | { readonly kind: 'none'; readonly file: string }

/**
 * Reads the policy file and finds what it says of an environment. Values are not checked here: `resolveInputs` does,
 * by the input each is for.
 *
 * @throws Problem `input` with line and column for every mistake in the file, for an environment that must be listed
 *   and is not, and for a file that was named and is not there
 */
export async function applyPolicy(request: PolicyRequest): Promise<AppliedPolicy> {
  const { inputs, environment, workspace } = request
  const file = request.file ?? DEFAULT_POLICY_FILE
  const read = await readPolicyFile(file, workspace, policyKeys(inputs))
  if (read === undefined) {
    if (request.file !== undefined) throw inputError([missing(file)])
    return { kind: 'none', file }
  }
  const control = controlOf(read.policy, environment)
  if (control.kind === 'error') throw inputError([`${file}: ${control.text}`])
  const { title } = read.policy
  if (control.kind === 'free') return { kind: 'free', policy: { file, section: environment, title } }
  const { section } = control
  const policy = { file, section, title }
  const paths = [...(section === undefined ? [] : [['environments', section]]), ['defaults']]
  const layers = [...paths.map(path => layerOf(file, read, path)), ...statesLayer(file, read)]
  return { kind: 'controlled', policy, layers }
}

/** Which part of a policy applies, for the log. */
export function policyText(applied: AppliedPolicy): string {
  if (applied.kind === 'none')
    return `There is no policy file (${applied.file}): inputs and their defaults apply.`
  const { file, section } = applied.policy
  const used =
    section === undefined
      ? 'its defaults apply, and no section of an environment'
      : `its section environments.${section} applies, then its defaults`
  return `Policy ${file}: ${used}.`
}

function missing(file: string): string {
  return `\`policy-file\` names ${file}, which is not there; check out the repository before this step, and see that the file is committed (examples/servicenow-change.yml is one to start from)`
}

/** The life cycle is one of the instance, and stands at the top of the file; a section may have another one. */
function statesLayer(file: string, { policy, yaml }: PolicyFile): Layer[] {
  if (policy.states === undefined) return []
  const places = { states: placeIn(file, yaml, ['states']) }
  return [{ source: { kind: 'policy', file, section: 'states' }, values: { states: policy.states }, places }]
}

function layerOf(file: string, { policy, yaml }: PolicyFile, path: readonly string[]): Layer {
  const [top, name = ''] = path
  const { [SWITCH]: _, ...values } = top === 'defaults' ? policy.defaults : (policy.environments[name] ?? {})
  const places = Object.keys(values).map(key => [
    key,
    placeIn(file, yaml, originalPath(yaml.value, [...path, key]))
  ])
  return {
    source: { kind: 'policy', file, section: path.join('.') },
    values,
    places: Object.fromEntries(places)
  }
}
