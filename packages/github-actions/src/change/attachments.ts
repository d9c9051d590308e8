import { attachAll, type Evidence, type Flow } from '@change-actions/change-operations'
import type { Change } from '@change-actions/servicenow-client'
import { InputError } from '../inputs/error.ts'
import type { Outputs } from '../outputs.ts'
import type { Runtime } from '../step/runtime.ts'
import { markdown } from '../text.ts'
import type { StepReport } from './report.ts'

/**
 * The files given under `attachments`.
 *
 * @throws InputError also for an entry that matches no file
 */
export async function gatherAttachments(
  attachments: readonly unknown[] | undefined,
  runtime: Runtime,
  signal: AbortSignal
): Promise<readonly Evidence[]> {
  if (attachments === undefined) return []
  // Most changes get no files, and what finds and reads them takes a while to load.
  const { gatherEvidence } = await import(/* webpackMode: "eager" */ '../files/evidence.ts')
  const { evidence, unmatched } = await gatherEvidence({ attachments }, runtime, signal)
  if (unmatched.length === 0) return evidence
  throw new InputError(unmatched.map(file => `\`attachments\`: no file matches ${JSON.stringify(file)}`))
}

/** Attaches files to a new or taken up change, and says so in outputs and summary. */
export async function attachReported(
  flow: Flow,
  change: Change | undefined,
  evidence: readonly Evidence[],
  { outputs, report }: { outputs: Outputs; report: StepReport }
): Promise<void> {
  const attached = await attachAll(flow, change, evidence, 'skip', all =>
    outputs.set('attachments', attachmentsOutput(all))
  )
  if (attached.length > 0)
    report.facts.push(['Attachments', markdown(attached.map(one => one.name).join(', '))])
}

export function attachmentsOutput(attached: readonly object[]): readonly unknown[] {
  return attached.map(one => {
    const { name, file, sysId, size, sha256, status } = one as Record<string, unknown>
    return { name, file, 'sys-id': sysId, size, sha256, status }
  })
}
