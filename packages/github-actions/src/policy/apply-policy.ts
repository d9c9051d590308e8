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

/** Which policy is read, and for the inputs of which action. */
export interface PolicyToRead {
  /** The action's inputs. */
  readonly inputs: Shape
  /** `policy-file` as given; undefined: the default file, which may be missing. */
  readonly file: string | undefined
  /** Reads the commit from GitHub. */
  readonly token: string | undefined
}

/** What a policy is applied to. */
export interface PolicyRequest extends PolicyToRead {
  /** The environment being deployed to; undefined when none is given. */
  readonly environment: string | undefined
}

/** What a policy says of a deployment. */
export type AppliedPolicy =
  /** It needs a change, or none (`by` what); here are values, and those that bind. */
  | ({ readonly kind: 'controlled' | 'free'; readonly by?: FreedBy; readonly policy: PolicyFacts } & Layers)
  /** Its commit does not have a policy file: the deployment needs a change. */
  | NoPolicy

/** A commit without a policy file. */
export interface NoPolicy {
  readonly kind: 'none'
  readonly place: PolicyPlace
}

/** A policy as its commit has it. */
export interface OpenedPolicy extends Pick<PolicyFacts, 'repository' | 'path' | 'commit'> {
  readonly kind: 'policy'
  /** The environments that it lists, as it spells them. */
  readonly environments: readonly string[]
  /**
   * What it says of an environment; undefined: of a deployment without one.
   *
   * @throws Problem `input` for enforced values that are wrong, and for an environment that must be listed and is not
   */
  applyTo(environment: string | undefined): Promise<Exclude<AppliedPolicy, NoPolicy>>
}

/**
 * Reads the policy from its commit and finds what it says of an environment.
 *
 * @throws Problem `input` with line and column for every mistake in the file, for an environment that must be listed
 *   and is not, and for a file that was named and is not there; Problem `policy-unreadable`
 */
export async function applyPolicy(request: PolicyRequest, tools: ReadTools): Promise<AppliedPolicy> {
  const opened = await openPolicy(request, tools)
  return opened.kind === 'none' ? opened : opened.applyTo(request.environment)
}

/**
 * Reads the policy from its commit, for one environment or several.
 *
 * @throws Problem `input` with line and column for a file that is no policy, and for a file that was named and is not
 *   there; Problem `policy-unreadable`
 */
export async function openPolicy(wanted: PolicyToRead, tools: ReadTools): Promise<OpenedPolicy | NoPolicy> {
  const { inputs } = wanted
  const place = placeOf(wanted.file, tools.runtime)
  const { commit, text } = await readPolicyText(place, wanted.token, tools)
  if (text === undefined) {
    if (place.given) throw inputError([missing(place, commit)])
    return { kind: 'none', place }
  }
  const { repository, path, shown } = place
  const file = await readPolicy(shown, text)
  const facts = { repository, path, commit }
  return {
    kind: 'policy',
    ...facts,
    environments: Object.keys(file.policy.environments),
    applyTo: environment => applyFile({ file, shown, facts, inputs }, environment)
  }
}

interface ReadFile {
  readonly file: PolicyFile
  /** As the user writes it. */
  readonly shown: string
  readonly facts: Pick<PolicyFacts, 'repository' | 'path' | 'commit'>
  readonly inputs: Shape
}

async function applyFile(
  { file, shown, facts, inputs }: ReadFile,
  environment: string | undefined
): Promise<Exclude<AppliedPolicy, NoPolicy>> {
  const name = policyName(facts)
  const parse = valueParser(inputs)
  const control = controlOf(file.policy, environment)
  const section = control.kind === 'error' ? undefined : control.section
  const { allowed, enforced, problems } = await enforcementOf(file, section, { name, shown, parse })
  const policyProblems = [...(await valueProblems(file, parse)), ...problems]
  if (control.kind === 'error') throw inputError([...policyProblems, `${shown}: ${control.text}`])
  const { title, names } = file.policy
  return {
    ...control,
    policy: { ...facts, section, title, names, enforced },
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
