import { deploymentId, formatServiceNowDate } from '@change-actions/change-control'
import {
  bindingLine,
  type CreateRequest,
  type Deployment,
  describeDeployment,
  type Identity,
  noteOf
} from '@change-actions/change-operations'
import type { Scalar } from '@change-actions/servicenow-client'
import { CHOICE_FIELDS, type CreateInputs, REFERENCE_FIELDS, TEXT_FIELDS } from '../input-sets/create.ts'
import { type DateInput, resolveDate } from '../inputs/time.ts'
import { toScalars } from './fields.ts'
import { type KnownNames, withSysIds } from './known-names.ts'

/** For whom a change is requested, and of which instance (its origin). */
export interface Requester {
  readonly identity: Identity
  readonly instance: string
}

/**
 * The change that the inputs describe, as ServiceNow names it.
 *
 * @param now epoch milliseconds, for relative dates
 * @param names sys_ids by name, by input: records that need not be looked up
 */
export function toRequest(
  given: CreateInputs,
  requester: Requester,
  now: number,
  names: KnownNames = {}
): CreateRequest {
  const { identity } = requester
  const { deployment } = identity
  const { inputs, known } = withSysIds(given, names)
  const correlationId = inputs.correlationId ?? correlationIdOf(given, deployment)
  const supplied = inputs.changeNumber !== undefined || inputs.changeSysId !== undefined
  const note = inputs.workNotes === undefined ? undefined : noteOf(deployment, inputs.workNotes)
  const description = inputs.description === undefined ? describeDeployment(deployment) : ''
  return {
    supplied: supplied
      ? { number: inputs.changeNumber, sysId: inputs.changeSysId?.toLowerCase() }
      : undefined,
    type: inputs.type,
    template: inputs.standardChangeTemplate,
    model: inputs.changeModel,
    given: { ...pick(inputs, TEXT_FIELDS), ...dates(inputs, now), ...toScalars(inputs.fields) },
    generated: description === '' ? {} : { description },
    references: pick(inputs, REFERENCE_FIELDS),
    known,
    choices: pick(inputs, CHOICE_FIELDS),
    parent: inputs.rollbackOf ?? inputs.parentChange,
    rollback: inputs.rollbackOf === undefined ? undefined : { successCode: undefined },
    note,
    correlationId,
    correlationDisplay: bindingLine(identity, requester, correlationId),
    titleTells: inputs.correlationId === undefined && inputs.shortDescription !== undefined,
    identity,
    reuse: inputs.reuse,
    matchTitle: inputs.matchTitle,
    requestApproval: inputs.requestApproval,
    resubmit: inputs.resubmit,
    retried: Number(deployment.attempt) > 1
  }
}

function pick<K extends keyof CreateInputs>(
  inputs: CreateInputs,
  names: Readonly<Record<K, string>>
): Record<string, string> {
  const entries = Object.entries(names) as [K, string][]
  return Object.fromEntries(
    entries.flatMap(([key, field]) => (inputs[key] === undefined ? [] : [[field, String(inputs[key])]]))
  )
}

function dates(inputs: CreateInputs, now: number): Record<string, Scalar> {
  const utc = (date: DateInput) => formatServiceNowDate(resolveDate(date, now))
  return {
    ...(inputs.startDate === undefined ? {} : { start_date: utc(inputs.startDate) }),
    ...(inputs.endDate === undefined ? {} : { end_date: utc(inputs.endDate) })
  }
}

function correlationIdOf(inputs: CreateInputs, deployment: Deployment): string {
  const { server, repositoryId, repository, workflow, run, job, step, leg } = deployment
  return deploymentId({
    serverUrl: server,
    repositoryId,
    repository,
    workflow,
    runId: run,
    job,
    step,
    matrixIndex: leg,
    type: inputs.type ?? (inputs.standardChangeTemplate === undefined ? 'normal' : 'standard'),
    cmdbCi: inputs.cmdbCi ?? '',
    parent: inputs.rollbackOf ?? inputs.parentChange ?? '',
    scope: inputs.correlationScope ?? ''
  })
}
