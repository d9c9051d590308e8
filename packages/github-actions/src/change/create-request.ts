import { deploymentId, formatServiceNowDate } from '@change-actions/change-control'
import {
  bindingFor,
  type CreateRequest,
  type Deployment,
  describeDeployment,
  noteOf
} from '@change-actions/change-operations'
import type { Scalar } from '@change-actions/servicenow-client'
import { CHOICE_FIELDS, type CreateInputs, REFERENCE_FIELDS, TEXT_FIELDS } from '../input-sets/create.ts'
import { type DateInput, resolveDate } from '../inputs/time.ts'
import { toScalars } from './fields.ts'

/** The change that the inputs describe, as ServiceNow names it. @param now epoch milliseconds, for relative dates */
export function toRequest(inputs: CreateInputs, deployment: Deployment, now: number): CreateRequest {
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
    choices: pick(inputs, CHOICE_FIELDS),
    parent: inputs.parentChange,
    note,
    correlationId: inputs.correlationId ?? correlationIdOf(inputs, deployment),
    correlationDisplay: bindingFor({ ...deployment, environment: '' }),
    titleTells: inputs.correlationId === undefined && inputs.shortDescription !== undefined,
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
    parent: inputs.parentChange ?? '',
    scope: inputs.correlationScope ?? ''
  })
}
