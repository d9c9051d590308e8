/** What merging would open: the policy of the commit, environment by environment, held against the instance. */
import { renderTitle, stateMap } from '@change-actions/change-control'
import {
  type OperationContext,
  type PreviewedName,
  previewChange,
  withStates
} from '@change-actions/change-operations'
import { isInputError, type Step } from '@change-actions/github-actions'
import { type Connection, describeError, identityOf, toRequest } from '@change-actions/github-actions/change'
import {
  type AppliedPolicy,
  freeText,
  type OpenedPolicy,
  openPolicy,
  policyText
} from '@change-actions/github-actions/policy'
import type { PreviewInputs } from './inputs.ts'
import { kindOf, policyShape, type Settings, settingsOf } from './settings.ts'
import type { EnvironmentPreview, NameProblem, Preview, PreviewedChange } from './types.ts'

/** The version is known when it is deployed. */
const VERSION = '…'

type Applied = Exclude<AppliedPolicy, { readonly kind: 'none' }>

/**
 * Previews every environment that is asked for, or all that the policy lists. It only reads. Mistakes of the policy and
 * wrong names are part of the preview.
 *
 * @throws Problem of the client where the instance cannot be asked; Problem `policy-unreadable`
 */
export async function previewOf(step: Step<PreviewInputs>, connection: Connection): Promise<Preview> {
  const { policyFile: file, policyToken, githubToken } = step.inputs
  const nothing = { policy: undefined, mistakes: [], environments: [] }
  try {
    const opened = await openPolicy({ inputs: policyShape, file, token: policyToken ?? githubToken }, step)
    if (opened.kind === 'none') return { ...nothing, remark: policyText(opened) }
    const { repository, path, commit } = opened
    const environments: EnvironmentPreview[] = []
    for (const environment of environmentsOf(step.inputs.environments, opened))
      environments.push(await previewEnvironment(step, connection, opened, environment))
    return { policy: { repository, path, commit }, remark: undefined, mistakes: [], environments }
  } catch (error) {
    if (!isInputError(error)) throw error
    return { ...nothing, remark: undefined, mistakes: error.facts.problems }
  }
}

/** A policy that lists none has values for any deployment. */
function environmentsOf(asked: readonly string[], { environments }: OpenedPolicy) {
  const wanted = asked.length > 0 ? asked : environments
  return wanted.length > 0 ? wanted : [undefined]
}

async function previewEnvironment(
  step: Step<PreviewInputs>,
  connection: Connection,
  opened: OpenedPolicy,
  name: string | undefined
): Promise<EnvironmentPreview> {
  try {
    const applied = await opened.applyTo(name)
    const environment = applied.policy.section ?? name ?? ''
    if (applied.kind === 'free') return { kind: 'free', environment, why: freeText(applied, name) }
    const settings = await settingsOf(applied, step.inputs.api)
    const change = await changeOf(step, connection, { applied, environment, settings })
    return { kind: 'change', environment, ...change }
  } catch (error) {
    if (!isInputError(error)) throw error
    return { kind: 'refused', environment: name ?? '', problems: error.facts.problems }
  }
}

interface Asked {
  readonly applied: Applied
  readonly environment: string
  readonly settings: Settings
}

async function changeOf(
  step: Step<PreviewInputs>,
  { client, context }: Connection,
  { applied: { policy }, environment, settings: { values, open } }: Asked
): Promise<PreviewedChange> {
  const identity = identityOf(step.runtime, { environment })
  const requester = { identity, instance: client.instance }
  const request = toRequest(values, requester, step.now(), policy.names)
  const change = await previewChange(ownStates(context, step.inputs.states, values.states), request)
  const { repository } = step.runtime
  return {
    title:
      values.shortDescription ?? renderTitle(policy.title, { repository, version: VERSION, environment }),
    type: open.includes('type') ? undefined : kindOf(values),
    change,
    relative: [values.startDate, values.endDate].some(date => date?.kind === 'relative'),
    checkConflicts: values.checkConflicts,
    enforced: policy.enforced,
    open,
    problems: await problemsOf(change.names)
  }
}

/** The life cycle that the step is given counts, else that of the policy. */
function ownStates(
  context: OperationContext,
  given: PreviewInputs['states'],
  ofPolicy: PreviewInputs['states']
): OperationContext {
  if (given.length > 0) return context
  const states = stateMap(ofPolicy)
  return { ...context, states, client: withStates(context.client, states) }
}

async function problemsOf(names: readonly PreviewedName[]): Promise<NameProblem[]> {
  const problems: NameProblem[] = []
  for (const { field, problem } of names) {
    if (problem === undefined) continue
    const { lines, fix } = (await describeError(problem)) ?? { lines: [problem.code], fix: '' }
    const happened = lines.filter(line => !/^(?:Likely cause|Fix): /.test(line))
    problems.push({ input: inputOf(field), text: happened.join(' '), fix })
  }
  return problems
}

/** The input that a field is given by. */
export function inputOf(field: string): string {
  if (field === 'template') return 'standard-change-template'
  return field === 'chg_model' ? 'change-model' : field.replaceAll('_', '-')
}
