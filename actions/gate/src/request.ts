import { DEFAULT_TITLE, gateId, renderTitle } from '@change-actions/change-control'
import type { CreateRequest } from '@change-actions/change-operations'
import type { Runtime } from '@change-actions/github-actions'
import { bindingOf, describeDeployment, toRequest } from '@change-actions/github-actions/change'
import type { GateInputs } from './inputs.ts'

/** The version being deployed: as given, the tag, else the short commit id. */
export function versionOf(inputs: Pick<GateInputs, 'version'>, runtime: Runtime): string {
  if (inputs.version !== undefined) return inputs.version
  return runtime.ref.startsWith('refs/tags/') ? runtime.refName : runtime.sha.slice(0, 7)
}

/** The change the gate asks for. @param now epoch milliseconds, for relative dates */
export function toGateRequest(inputs: GateInputs, runtime: Runtime, now: number): CreateRequest {
  const version = versionOf(inputs, runtime)
  const environment = inputs.environment ?? ''
  const { repository } = runtime
  const title = renderTitle(inputs.ownTitle ?? DEFAULT_TITLE, { repository, version, environment })
  const shortDescription = inputs.shortDescription ?? title
  const request = toRequest({ ...inputs, shortDescription }, runtime, now)
  return {
    ...request,
    generated: inputs.description === undefined ? generated(runtime, version, environment) : {},
    correlationId: inputs.correlationId ?? identityOf(inputs, runtime, version, environment),
    correlationDisplay: bindingOf(runtime, environment),
    windowBinds: inputs.changeWindow === 'respect',
    linkPrevious: true
  }
}

/** Who approves reads what is deployed, and where. */
function generated(runtime: Runtime, version: string, environment: string): CreateRequest['generated'] {
  const facts = [
    describeDeployment(runtime),
    version === '' ? '' : `Version: ${version}`,
    environment === '' ? '' : `Environment: ${environment}`
  ]
  const description = facts.filter(line => line !== '').join('\n')
  return description === '' ? {} : { description }
}

function identityOf(inputs: GateInputs, runtime: Runtime, version: string, environment: string): string {
  const values = { version, run: runtime.runId, commit: runtime.sha }
  return gateId({
    ...runtime,
    identity: inputs.identity,
    value: values[inputs.identity],
    matrixIndex: inputs.ownMatrixIndex ?? '',
    environment,
    cmdbCi: inputs.cmdbCi ?? '',
    template: inputs.standardChangeTemplate ?? '',
    scope: inputs.correlationScope ?? ''
  })
}
