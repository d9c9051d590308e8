import { controlOf, type FreedBy, layersOf, type PolicyPart } from '@change-actions/change-control'
import { inputError } from '../inputs/error.ts'
import type { Shape } from '../inputs/field.ts'
import type { Layer } from '../inputs/source.ts'
import type { Layers } from '../step/definition.ts'
import { enforcementOf } from './enforcement.ts'
import { type PolicyFacts, policyName } from './facts.ts'
import { type PolicyPlace, placeOf } from './place.ts'
import { type ReadTools, readPolicyText } from './policy-text.ts'
import { valueParser, valueProblems } from './policy-values.ts'
import { type PolicyFile, readPolicy } from './read-policy.ts'

/** What a policy is applied to. */
export interface PolicyRequest {
  /** The action's inputs. */
  readonly inputs: Shape
  /** `policy-file` as given; undefined: the default file, which may be missing. */
  readonly file: string | undefined
  /** The environment being deployed to; undefined when none is given. */
  readonly environment: string | undefined
  /** Reads the commit from GitHub. */
  readonly token: string | undefined
}

/** What a policy says of a deployment. */
export type AppliedPolicy =
  /** It needs a change, or none (`by` what); here are values, and those that bind. */
  | ({ readonly kind: 'controlled' | 'free'; readonly by?: FreedBy; readonly policy: PolicyFacts } & Layers)
  /** Its commit does not have a policy file: the deployment needs a change. */
  | { readonly kind: 'none'; readonly place: PolicyPlace }

/**
 * Reads the policy from its commit and finds what it says of an environment.
 *
 * @throws Problem `input` with line and column for every mistake in the file, for an environment that must be listed
 *   and is not, and for a file that was named and is not there; Problem `policy-unreadable`
 */
export async function applyPolicy(request: PolicyRequest, tools: ReadTools): Promise<AppliedPolicy> {
  const { inputs, environment } = request
  const place = placeOf(request.file, tools.runtime)
  const { commit, text } = await readPolicyText(place, request.token, tools)
  if (text === undefined) {
    if (place.given) throw inputError([missing(place, commit)])
    return { kind: 'none', place }
  }
  const { repository, path, shown } = place
  const name = policyName({ repository, path, commit })
  const file = await readPolicy(shown, text)
  const parse = valueParser(inputs)
  const control = controlOf(file.policy, environment)
  const section = control.kind === 'error' ? undefined : control.section
  const { allowed, enforced, problems } = await enforcementOf(file, section, { name, shown, parse })
  const policyProblems = [...(await valueProblems(file, parse)), ...problems]
  if (control.kind === 'error') throw inputError([...policyProblems, `${shown}: ${control.text}`])
  const { title, names } = file.policy
  return {
    ...control,
    policy: { repository, path, commit, section, title, names, enforced },
    layers: layersOf(file.policy, section).map(part => layerOf(shown, file, part)),
    allowed,
    policyProblems
  }
}

function missing({ repository, path }: PolicyPlace, commit: string): string {
  return `\`policy-file\` names ${path}, which is not in the commit ${commit.slice(0, 12)} of ${repository}; commit it there, or correct the path (examples/servicenow-change.yml is one to start from)`
}

function layerOf(shown: string, { placeOf: place }: PolicyFile, { path, values }: PolicyPart): Layer {
  return {
    source: { kind: 'policy', file: shown, section: path.join('.') || 'its top level' },
    values,
    places: Object.fromEntries(Object.keys(values).map(key => [key, place([...path, key])]))
  }
}
