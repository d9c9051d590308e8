import { appendFileSync, statSync } from 'node:fs'
import { messageOf } from './errors.ts'
import { harmless, markdown, shorten } from './text.ts'

/** The runner drops a summary that is longer than this altogether. */
const MAX_BYTES = 1024 * 1024
const CUT_NOTE = '\n\n… cut here: a job summary holds at most 1 MiB.\n'

/** The step's part of the job summary, gathered and written in one go. */
export interface Summary {
  /** A heading; the text is escaped. */
  heading(text: string): void
  /** A paragraph of Markdown. Untrusted text in it must have passed `markdown()` or `link()`. */
  line(markdown: string): void
  /** A paragraph of untrusted text: secrets are replaced, then it is cut to `max` UTF-16 units, then escaped. */
  plain(text: string, max: number): void
  /** A table of two columns without a header. Cells are Markdown. */
  facts(rows: readonly (readonly [string, string])[]): void
  /** A table. Cells are Markdown. */
  table(header: readonly string[], rows: readonly (readonly string[])[]): void
  /** Appends what was gathered to the runner's file, synchronously; what was written is not written again. */
  flush(): void
}

/** How a summary reaches the runner. */
export interface SummaryTarget {
  /** `GITHUB_STEP_SUMMARY`; without it nothing is written. */
  readonly file: string | undefined
  /** Replaces secrets. */
  redact(text: string): string
  /** Told when the summary could not be written; a step does not fail for that. */
  warn(text: string): void
}

/** An empty summary. */
export function createSummary(target: SummaryTarget): Summary {
  let blocks: string[] = []
  const table = (header: readonly string[], rows: readonly (readonly string[])[]): void =>
    void blocks.push(markdownTable(header, rows))
  return {
    heading: text => void blocks.push(`## ${markdown(target.redact(text))}`),
    line: text => void blocks.push(text),
    plain: (text, max) => void blocks.push(markdown(shorten(target.redact(text), max))),
    facts: rows => table(['', ''], rows),
    table,
    flush() {
      const text = blocks.map(block => `${harmless(target.redact(block))}\n\n`).join('')
      blocks = []
      if (text !== '' && target.file) append(target.file, text, target.warn)
    }
  }
}

/** A table of Markdown. Cells are Markdown: untrusted text in them must have passed `markdown()` or `link()`. */
export function markdownTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${header.map((_, i) => cell(cells[i])).join(' | ')} |`
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n')
}

function cell(text = ''): string {
  const lines = text.split(/[\r\n]/).map(line => line.trim())
  return lines.filter(line => line !== '').join(' ')
}

function append(file: string, text: string, warn: (text: string) => void): void {
  try {
    const room = MAX_BYTES - (statSync(file, { throwIfNoEntry: false })?.size ?? 0)
    appendFileSync(file, fit(Buffer.from(text), room))
  } catch (error) {
    warn(`The job summary could not be written: ${messageOf(error)}`)
  }
}

/** At most `room` bytes, cut after a whole line where there is one, else after a whole character. */
function fit(text: Buffer, room: number): Buffer {
  if (text.length <= room) return text
  const space = room - Buffer.byteLength(CUT_NOTE)
  if (space <= 0) return Buffer.alloc(0)
  let end = text.lastIndexOf(0x0a, space - 1) + 1
  if (end === 0) {
    end = space
    while (end > 0 && isContinuation(text[end])) end -= 1
  }
  return Buffer.concat([text.subarray(0, end), Buffer.from(CUT_NOTE)])
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80
}
