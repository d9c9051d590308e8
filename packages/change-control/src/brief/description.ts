import { cutLines } from './cut-lines.ts'

/** The first line of every brief: what stands before it in a description is not of the brief. */
export const BRIEF_TITLE = 'For approvers, from GitHub:'

/** What approvers read of a deployment, ready to be cut to a field. */
export interface Brief {
  /** The title first. */
  readonly lines: readonly string[]
  /** Stands in place of lines that do not fit. */
  readonly rest: string
}

/**
 * A description with a brief below it, cut to the field's length.
 *
 * @param text is never cut
 * @param max UTF-16 units of both together
 */
export function withBrief(text: string, brief: Brief, max: number): string {
  const before = text === '' ? '' : `${text}\n\n`
  const below = cutLines(brief.lines, max - before.length, brief.rest)
  // The title alone says nothing.
  return below === '' || !below.includes('\n') ? text : before + below
}

/** Whether a description is a text with a brief of ours below it. */
export function isBriefed(description: string, text: string): boolean {
  const plain = (one: string) => one.replace(/\r\n?/g, '\n').trim()
  return plain(description).startsWith(`${plain(text)}\n\n${BRIEF_TITLE}\n`)
}
