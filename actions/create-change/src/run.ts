import { createChange } from '@change-actions/change-operations'
import type { Step } from '@change-actions/github-actions'
import {
  approvalText,
  attachReported,
  connect,
  gatherAttachments,
  jobExporter,
  reported,
  type StepReport,
  toRequest,
  writeWhole
} from '@change-actions/github-actions/change'
import type { CreateInputs } from '@change-actions/github-actions/input-sets'
import type { Change } from '@change-actions/servicenow-client'

/** Exactly one change for this deployment: found, or created in New, with its files, and approval requested. */
export async function run(step: Step<CreateInputs>): Promise<void> {
  const connection = connect(step)
  await reported(step, connection, 'Change request', report => create(step, connection, report))
}

async function create(
  step: Step<CreateInputs>,
  connection: ReturnType<typeof connect>,
  report: StepReport
): Promise<void> {
  const { client, flow } = connection
  const { inputs, outputs, runtime, env } = step
  const startedAt = step.now()
  const evidence = await gatherAttachments(inputs.attachments, runtime, step.signal)
  const request = toRequest(inputs, runtime, startedAt)
  const exportChange = jobExporter(env, step.exportVariable)
  outputs.set('correlation-id', request.correlationId)
  const known = (change: Change, created: boolean) => {
    report.change = change
    writeWhole(outputs, client, change)
    outputs.set('created', created)
    exportChange(change)
  }
  const { change, created } = await createChange(flow, request, {
    onSeen: change => {
      report.change = change
    },
    onChange: known,
    attaches: evidence.length > 0,
    attach: change => attachReported(flow, change, evidence, { outputs, report })
  })
  report.creationMs = created ? step.now() - startedAt : undefined
  report.result = change === undefined ? 'dry-run' : created ? 'created' : 'taken-up'
  if (change !== undefined)
    step.log.info(
      `${change.number}: state ${change.stateLabel}, approval ${approvalText(change)}. ${client.changeUrl(change.sysId)}`
    )
}
