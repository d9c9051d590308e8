import { DEFAULT_TITLE, gateId, renderTitle } from '@change-actions/change-control'
import {
  bindingLine,
  type CreateRequest,
  type Deployment,
  describeDeployment
} from '@change-actions/change-operations'
import { type Runtime, type Step, shorten, tagOf } from '@change-actions/github-actions'
import { type Requester, toRequest } from '@change-actions/github-actions/change'
import type { GateInputs } from './inputs.ts'

/** The version being deployed: as given, the tag, else the short commit id. */
export function versionOf(
  inputs: Pick<GateInputs, 'version'>,
  runtime: Pick<Runtime, 'ref' | 'refName' | 'sha' | 'runSha'>
): string {
  return inputs.version ?? tagOf(runtime) ?? runtime.sha.slice(0, 7)
}

/** Characters that a stock instance keeps of a short description. */
const MAX_TITLE = 160

/** The change that the gate requests. @param now epoch milliseconds, for relative dates */
export function toGateRequest(
  step: Pick<Step<GateInputs>, 'inputs' | 'runtime' | 'policy'>,
  requester: Requester,
  now: number
): CreateRequest {
  const { inputs, runtime, policy } = step
  const { deployment } = requester.identity
  const version = versionOf(inputs, runtime)
  const { repository, environment } = deployment
  const template = policy?.title ?? DEFAULT_TITLE
  const rendered = renderTitle(template, { repository, version, environment })
  // A title of the user's own that is too long is an error; this one is ours.
  const title = template === DEFAULT_TITLE ? shorten(rendered, MAX_TITLE) : rendered
  const shortDescription = inputs.shortDescription ?? title
  const request = toRequest({ ...inputs, shortDescription }, requester, now, policy?.names)
  const correlationId = inputs.correlationId ?? correlationIdOf(inputs, deployment, version)
  return {
    ...request,
    generated: inputs.description === undefined ? generatedFields(deployment, version) : {},
    correlationId,
    correlationDisplay: bindingLine(requester.identity, requester, correlationId),
    // The default title is not the user's.
    titleTells: inputs.correlationId === undefined && inputs.shortDescription !== undefined,
    rollback: inputs.rollbackOf === undefined ? undefined : { successCode: inputs.closeCodeSuccess },
    windowBinds: inputs.changeWindow === 'respect',
    linkPrevious: true
  }
}

/** Who approves reads what is deployed, and where. */
function generatedFields(deployment: Deployment, version: string): CreateRequest['generated'] {
  const description = describeDeployment(deployment, [
    ['Version', version],
    ['Environment', deployment.environment]
  ])
  return description === '' ? {} : { description }
}

function correlationIdOf(inputs: GateInputs, deployment: Deployment, version: string): string {
  const { server, repositoryId, repository, workflow, job, leg, environment, run, commit } = deployment
  const values = { version, run, commit }
  return gateId({
    serverUrl: server,
    repositoryId,
    repository,
    workflow,
    job,
    identity: inputs.identity,
    value: values[inputs.identity],
    matrixIndex: leg,
    environment,
    cmdbCi: inputs.cmdbCi ?? '',
    template: inputs.standardChangeTemplate ?? '',
    scope: inputs.correlationScope ?? ''
  })
}
