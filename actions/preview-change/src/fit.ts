import { link } from '@change-actions/github-actions'
import type { PreviewText } from './text.ts'

/** GitHub takes 65,536 characters of a comment and 65,535 of a check run; bytes are never fewer. */
const MAX_BYTES = 65_000

/** Kept for the line that says how many environments are left out, and for the marker. */
const RESERVE = 300

/** The text for a comment or a check run, without the environments that do not fit. */
export function fitted({ head, environments }: PreviewText, runUrl: string): string {
  const foot = `The workflow's own inputs come on top where the policy enforces nothing. ${link('Run', runUrl)}`
  let room = MAX_BYTES - RESERVE - Buffer.byteLength([...head, foot].join('\n\n'))
  const end = environments.findIndex(block => {
    room -= Buffer.byteLength(block) + 2
    return room < 0
  })
  const fitting = end < 0 ? environments : environments.slice(0, end)
  const left = environments.length - fitting.length
  const note = left === 0 ? [] : [`Further environments: ${left}. They are in the summary of the run.`]
  return [...head, ...fitting, ...note, foot].join('\n\n')
}
