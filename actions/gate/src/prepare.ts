import { markdown } from '@change-actions/action-kit'
import { attachAll, type Created, createChange } from '@change-actions/change-flow'
import type { Change } from '@change-actions/servicenow-client'
import { jobExporter } from '../../shared/src/change-name.ts'
import { attachmentsOutput, gatherEvidence } from '../../shared/src/evidence.ts'
import { assess } from './assess.ts'
import { acceptChange } from './binding.ts'
import { begin, type Gate, see } from './progress.ts'
import { toGateRequest } from './request.ts'

/** The change of this deployment, with its files, risk and conflicts, and its approvers asked. */
export async function prepareChange(gate: Gate): Promise<Created> {
  const { step, connection, report } = gate
  const { inputs, outputs, runtime } = step
  const { flow } = connection
  const { evidence, unmatched } = await gatherEvidence(
    { attachments: inputs.attachments },
    runtime,
    step.signal
  )
  if (unmatched.length > 0) throw noSuchFiles(unmatched)
  const request = toGateRequest(inputs, runtime, step.now())
  const exportChange = jobExporter(step.env, step.exportVariable)
  outputs.set('correlation-id', request.correlationId)
  const known = (change: Change, created: boolean): void => {
    outputs.set('created', created)
    exportChange(change)
    begin(gate, change, { created, supplied: request.supplied !== undefined })
    see(gate, change)
  }
  return createChange(flow, request, {
    onChange: known,
    accept: async (change, resolved) => {
      const { foreign } = await acceptChange(flow, change, { step, request, resolved })
      gate.foreign = foreign
    },
    attaches: evidence.length > 0,
    attach: async change => {
      const attached = await attachAll(flow, change, evidence, 'skip', all =>
        outputs.set('attachments', attachmentsOutput(all))
      )
      if (attached.length > 0)
        report.facts.push(['Attachments', markdown(attached.map(one => one.name).join(', '))])
      if (change === undefined) return
      see(gate, await assess(flow, change, inputs))
    }
  })
}

function noSuchFiles(unmatched: readonly string[]): Error {
  const message = unmatched.map(file => `\`attachments\`: no file matches ${JSON.stringify(file)}`).join('\n')
  return Object.assign(new Error(message), { title: 'Input error' })
}
