import { type Attached, type Note, noteOf, noteValue } from '@change-actions/change-operations'
import type { Report } from '@change-actions/evidence'
import type { EvidenceWithReport } from '../files/evidence-files.ts'
import type { StepTools } from '../step/run-step.ts'
import { type DeploymentInputs, deploymentOf } from './deployment.ts'

/** What a note is about. */
export interface EvidenceNote {
  /** All that were to be attached. */
  readonly evidence: readonly EvidenceWithReport[]
  /** What became of them. */
  readonly attached: readonly Attached[]
  /** Has the environment of the deployment, where the step knows one. */
  readonly inputs?: DeploymentInputs
}

interface Line {
  readonly file: Attached
  readonly report: Report | undefined
}

/**
 * The note that tells what was attached: the totals, then the files with failures or findings, then the rest. Nothing is
 * noted where everything was attached before; an earlier attempt may have been killed between attaching and noting,
 * so that from the second attempt on the note covers all files.
 *
 * @returns the note, and the lines of the summary: totals, then files with their counts, the worst first; undefined where
 *   nothing is to be noted
 */
export async function evidenceNote(
  step: StepTools,
  { evidence, attached, inputs }: EvidenceNote
): Promise<{ readonly note: Note; readonly lines: readonly string[] } | undefined> {
  const added = attached.filter(one => one.status === 'attached')
  const noted = Number(step.runtime.runAttempt) > 1 ? attached : added
  if (noted.length === 0) return undefined
  const lines: Line[] = []
  for (const file of noted) lines.push({ file, report: await reportOf(step, file, evidence) })
  const { totalsOf, worstFirst } = await import('@change-actions/evidence')
  const totals = totalsOf(lines.map(one => one.report))
  for (const total of totals) step.log.info(total)
  const text = ['Evidence attached:', ...totals, ...worstFirst(lines).map(lineOf)].join('\n')
  // Known again by the files, whichever attempt attached them.
  const identity = attached.map(one => `${one.name} ${one.sha256}`).join('\n')
  const note = noteOf(deploymentOf(step.runtime, inputs), text, identity)
  return { note, lines: [...totals, ...worstFirst(lines).map(shortLineOf)] }
}

async function reportOf(
  step: StepTools,
  { name, givenName = name }: Attached,
  evidence: readonly EvidenceWithReport[]
): Promise<Report | undefined> {
  const report = await evidence.find(one => one.name === givenName)?.report()
  if (report === undefined) return undefined
  const text = `${name}: ${noteValue(report.text)}`
  if (report.problem === undefined) step.log.info(text)
  else step.log.warning(text)
  return report
}

/** The summary needs no checksum: note and outputs have it. */
function shortLineOf({ file: { name, size }, report }: Line): string {
  return report === undefined ? `${name} (${size} bytes)` : `${name}: ${report.text}`
}

function lineOf({ file: { name, size, sha256 }, report }: Line): string {
  const about = `${noteValue(name)}, ${size} bytes, SHA-256 ${sha256}`
  return report === undefined ? about : `${about}: ${noteValue(report.text)}`
}
