/** The second part of the demo, the deployment with the gate, as it is printed. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import '../../test/fresh-dist.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const BEGIN = '════ Part 2'
/** Of each change the demo prints all work notes: too many lines for a picture. */
const NOTES = /^ {2}Work notes:/

/** Runs the demo. Lines of its output, with fixed values for those that differ with each run. @throws Error when it fails */
export function demoLines(): string[] {
  const output = execFileSync(process.execPath, ['demo/demo.mjs'], { cwd: ROOT, encoding: 'utf8' })
  const from = output.indexOf(BEGIN)
  if (from < 0) throw new Error(`The demo did not print "${BEGIN}".`)
  return steady(withoutNotes(output.slice(from).trimEnd().split('\n')))
}

function withoutNotes(lines: readonly string[]): string[] {
  const start = lines.findIndex(line => NOTES.test(line))
  const end = lines.findIndex((line, index) => index > start && /^ {2}[✓✗]/.test(line))
  return start < 0 || end < 0 ? [...lines] : [...lines.slice(0, start), '', ...lines.slice(end)]
}

/** Fixed values for what differs with each run and each commit: nobody could tell a new picture from an old one. */
function steady(lines: readonly string[]): string[] {
  let second = 0
  const time = () => {
    second += 5
    return `2026-11-03 09:30:${String(second).padStart(2, '0')}`
  }
  return filesInOrder(onePoll(lines)).map(line =>
    line
      .replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:8080')
      .replaceAll(/(nav_to\.do\?)\S+/g, '$1…')
      .replaceAll(/SHA-256 [0-9a-f]{64}/g, 'SHA-256 03a59f14…')
      .replaceAll(/\b[0-9a-f]{12}\b/g, '65dbbeda5ade')
      .replaceAll(/\b(version )[0-9a-f]{7}\b/g, '$165dbbed')
      .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, time)
      .replaceAll(/\b\d{5,6} bytes/g, '116378 bytes')
      .replaceAll(/\b\d{4} (tests|files|of \d{4} files)/g, (_, what: string) =>
        what.startsWith('of') ? '1600 of 1600 files' : `1600 ${what}`
      )
  )
}

/** How often the gate polled depends on the machine. One line of those says what it waits for. */
function onePoll(lines: readonly string[]): string[] {
  const polls = lines.filter(line => line.includes('waiting for approval'))
  const [shown] = polls.filter(line => line.includes('Yet to approve'))
  if (shown === undefined) throw new Error('The demo was not seen waiting for its approvers.')
  return lines.flatMap(line => {
    if (!polls.includes(line)) return [line]
    return line === shown ? [line.replace(/ \(\d+ s so far\)$/, '')] : []
  })
}

/** Files are uploaded at the same time: which one is done first depends on the machine. */
function filesInOrder(lines: readonly string[]): string[] {
  const isUpload = (line: string) => line.startsWith('  Attached ')
  const uploads = lines.filter(isUpload).sort()
  return lines.map(line => {
    if (isUpload(line)) return uploads.shift() ?? line
    const [, label, list] = /^( {2}Attachments: +)(.*)$/.exec(line) ?? []
    return label === undefined || list === undefined ? line : label + list.split(', ').sort().join(', ')
  })
}
