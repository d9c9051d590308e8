import { acceptType, createChange } from '@change-actions/change-operations'
import type { Step } from '@change-actions/github-actions'
import {
  approvalText,
  attachReported,
  briefFor,
  type Connection,
  connect,
  gatherAttachments,
  identityOf,
  jobExporter,
  reported,
  type StepReport,
  toRequest,
  withState,
  writeWholeChange
} from '@change-actions/github-actions/change'
import type { Change } from '@change-actions/servicenow-client'
import type { CreateChangeInputs } from './inputs.ts'

/**
 * Exactly one change for this deployment: found, or created in New, with its files, and approval requested.
 *
 * @throws Problem
 */
export async function run(step: Step<CreateChangeInputs>): Promise<void> {
  const connection = connect(step)
  const show = { as: 'line', title: 'Change request', environment: step.inputs.environment } as const
  await reported(step, connection, show, report => create(step, connection, report))
}

async function create(
  step: Step<CreateChangeInputs>,
  connection: Connection,
  report: StepReport
): Promise<void> {
  const { client, context } = connection
  const { inputs, outputs, runtime, env } = step
  const evidence = await gatherAttachments(inputs.attachments, step)
  const requester = { identity: identityOf(runtime, inputs), instance: client.instance }
  const request = toRequest(inputs, requester, step.now(), step.policy?.names)
  const exportChange = jobExporter(env, step.exportVariable)
  const { environment } = inputs
  const hasBackoutPlan = inputs.backoutPlan !== undefined
  outputs.set('correlation-id', request.correlationId)
  const known = (change: Change, created: boolean) => {
    // The loser of a race to create goes on with the winner's change.
    const before = report.change?.sysId === change.sysId ? report.story.states : []
    report.story.states = withState(before, change, client.now())
    report.change = change
    writeWholeChange(outputs, client, change)
    outputs.set('created', created)
    exportChange(change)
  }
  const { change, created, creationMs } = await createChange(context, request, {
    onSeen: change => {
      report.change = change
    },
    onChange: known,
    brief: async () => (await briefFor(step, { environment, evidence, hasBackoutPlan }))?.brief,
    accept: change => acceptType(change, inputs.type),
    attaches: evidence.length > 0,
    attach: async (change, isNew) => {
      const attaching = { context, change, evidence, inputs, isNew, notesLater: true }
      return (await attachReported(step, report, attaching)).note
    }
  })
  report.creationMs = creationMs
  report.result = change === undefined ? 'dry-run' : created ? 'created' : 'reused'
  if (change !== undefined)
    step.log.info(
      `${change.number}: state ${change.stateLabel}, approval ${approvalText(change)}. ${client.changeUrl(change.sysId)}`
    )
}
