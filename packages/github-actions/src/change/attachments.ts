import {
  type Attached,
  attachAll,
  type Evidence,
  type OperationContext
} from '@change-actions/change-operations'
import type { Change } from '@change-actions/servicenow-client'
import { inputError } from '../inputs/error.ts'
import type { Outputs } from '../outputs.ts'
import type { Runtime } from '../step/runtime.ts'
import { markdown } from '../text.ts'
import type { StepReport } from './report.ts'

/**
 * The files given under `attachments`.
 *
 * @throws Problem `input` also for an entry that matches no file
 */
export async function gatherAttachments(
  attachments: readonly unknown[] | undefined,
  runtime: Runtime,
  signal: AbortSignal
): Promise<readonly Evidence[]> {
  if (attachments === undefined) return []
  // Most changes get no files, and what finds and reads them takes a while to load.
  const { gatherEvidence } = await import(/* webpackMode: "eager" */ '../files/evidence-files.ts')
  const { evidence, unmatched } = await gatherEvidence({ attachments }, runtime, signal)
  if (unmatched.length === 0) return evidence
  throw inputError(unmatched.map(file => `\`attachments\`: no file matches ${JSON.stringify(file)}`))
}

/** Attaches files to a new or reused change, and tells it in outputs and summary. */
export async function attachReported(
  context: OperationContext,
  change: Change | undefined,
  evidence: readonly Evidence[],
  { outputs, report }: { outputs: Outputs; report: StepReport }
): Promise<void> {
  const attached = await attachAll(context, change, evidence, 'skip', all =>
    outputs.set('attachments', attachmentsOutput(all))
  )
  if (attached.length > 0)
    report.facts.push(['Attachments', markdown(attached.map(one => one.name).join(', '))])
}

/** The output `attachments`: what each file became, in the spelling of outputs. */
export function attachmentsOutput(attached: readonly Attached[]): readonly unknown[] {
  return attached.map(({ name, file, sysId, size, sha256, status }) => ({
    name,
    file,
    'sys-id': sysId,
    size,
    sha256,
    status
  }))
}
