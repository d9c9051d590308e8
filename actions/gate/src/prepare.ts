import {
  acceptNamed,
  acceptType,
  addNoteIfPossible,
  type Created,
  createChange,
  isOwnNamed
} from '@change-actions/change-operations'
import {
  attachReported,
  briefFor,
  gatherAttachments,
  isDispatchedFor,
  jobExporter
} from '@change-actions/github-actions/change'
import { listsOf } from '@change-actions/github-actions/input-sets'
import type { Change } from '@change-actions/servicenow-client'
import { assessOnce } from './conflicts.ts'
import { begin, type Gate, remember, see } from './progress.ts'
import { toGateRequest } from './request.ts'

/**
 * The change of this deployment, with its files, risk and conflicts, and its approval requested.
 *
 * @throws Problem
 */
export async function prepareChange(gate: Gate): Promise<Created> {
  const { step, connection, report, identity } = gate
  const { inputs, outputs } = step
  const { context } = connection
  const evidence = await gatherAttachments(inputs.attachments, step)
  const request = toGateRequest(step, { identity, instance: connection.client.instance }, step.now())
  const exportChange = jobExporter(step.env, step.exportVariable)
  outputs.set('correlation-id', request.correlationId)
  const known = (change: Change, created: boolean, named: boolean): void => {
    outputs.set('created', created)
    exportChange(change)
    begin(gate, change, { created, supplied: named && !gate.own })
    see(gate, change)
  }
  return createChange(context, request, {
    onSeen: change => {
      gate.report.change = change
    },
    onChange: known,
    async brief() {
      const { environment } = inputs
      const hasBackoutPlan = inputs.backoutPlan !== undefined
      const read = await briefFor(step, { environment, evidence, hasBackoutPlan })
      if (read !== undefined) gate.links = read.links
      return read?.brief
    },
    accept: async (change, resolved, ownership) => {
      acceptType(change, inputs.type)
      acceptNamed(change, { resolved, ...inputs, ...listsOf(inputs) })
      gate.foreign = ownership === 'foreign'
      gate.own = await isOwnNamed(context, change, identity, isDispatchedFor(change, step.runtime))
    },
    attaches: evidence.length > 0,
    attach: async (change, isNew) => {
      const attaching = { context, change, evidence, inputs, isNew, notesLater: true }
      // Where a file failed, the post step tells of those before it.
      const { note } = await attachReported(step, report, attaching).finally(() => keepEvidence(gate))
      if (change === undefined) return undefined
      try {
        see(gate, await assessOnce(gate, change, inputs.evaluateRisk))
      } catch (error) {
        await addNoteIfPossible(context, change, note)
        throw error
      }
      return note
    }
  })
}

/** Lines that are kept for the summary of the post step. */
const MAX_EVIDENCE = 20

function keepEvidence(gate: Gate): void {
  const evidence = gate.report.story.evidence.slice(0, MAX_EVIDENCE)
  if (evidence.length > 0) remember(gate, { evidence })
}
