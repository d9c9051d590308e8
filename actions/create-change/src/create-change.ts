import { markdown, type Step } from '@change-actions/action-kit'
import { attachAll, createChange } from '@change-actions/change-flow'
import type { Change } from '@change-actions/servicenow-client'
import { jobExporter } from '../../shared/src/change-name.ts'
import { connect } from '../../shared/src/connect.ts'
import { attachmentsOutput, gatherEvidence } from '../../shared/src/evidence.ts'
import { writeApproval, writeChange, writeKind } from '../../shared/src/outputs.ts'
import { reported, type StepReport } from '../../shared/src/report.ts'
import type { CreateInputs } from './inputs.ts'
import { toRequest } from './request.ts'

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
  const { evidence, unmatched } = await gatherEvidence(
    { attachments: inputs.attachments },
    runtime,
    step.signal
  )
  if (unmatched.length > 0) throw noSuchFiles(unmatched)
  const request = toRequest(inputs, runtime, startedAt)
  const exportChange = jobExporter(env, step.exportVariable)
  outputs.set('correlation-id', request.correlationId)
  const known = (change: Change, created: boolean) => {
    report.change = change
    writeChange(outputs, client, change)
    writeApproval(outputs, change)
    writeKind(outputs, change)
    outputs.set('created', created)
    exportChange(change)
  }
  const { change, created } = await createChange(flow, request, {
    onChange: known,
    attaches: evidence.length > 0,
    attach: async change => {
      const attached = await attachAll(flow, change, evidence, 'skip', all =>
        outputs.set('attachments', attachmentsOutput(all))
      )
      if (attached.length > 0)
        report.facts.push(['Attachments', markdown(attached.map(one => one.name).join(', '))])
    }
  })
  report.creationMs = created ? step.now() - startedAt : undefined
  report.result = change === undefined ? 'dry-run' : created ? 'created' : 'taken-up'
  if (change !== undefined)
    step.log.info(
      `${change.number}: state ${change.stateLabel}, approval ${change.approval}. ${client.changeUrl(change.sysId)}`
    )
}

function noSuchFiles(unmatched: readonly string[]): Error {
  const message = unmatched.map(file => `\`attachments\`: no file matches ${JSON.stringify(file)}`).join('\n')
  return Object.assign(new Error(message), { title: 'Input error' })
}
