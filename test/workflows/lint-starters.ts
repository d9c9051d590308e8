/**
 * Checks with actionlint the workflow that `init` writes for every combination of answers.
 *
 *   npm run test:starters
 *
 * `ACTIONLINT` names the binary; default: the one on PATH.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Starter, starters } from './starter-answers.ts'

const VERSION = 'v1.7.12'

/** This version does not know the key yet; GitHub's own parser does (test/consistency). */
const UNKNOWN_QUEUE = 'unexpected key "queue" for "concurrency" section'

/** Writes each different workflow into the folder; names of the files, with the answers that each follows from. */
function writeAll(folder: string): Map<string, Starter> {
  const different = new Map(starters().map(starter => [starter.workflow, starter]))
  return new Map(
    [...different.values()].map((starter, index) => {
      const file = `answers-${index}.yml`
      writeFileSync(join(folder, file), starter.workflow)
      return [file, starter]
    })
  )
}

/** The problems that actionlint reports; an empty text when there is none. */
function lint(folder: string, files: readonly string[]): string {
  const command = process.env.ACTIONLINT ?? 'actionlint'
  // With shellcheck or pyflakes, where a machine has them, the result would differ from machine to machine.
  const options = ['-no-color', '-shellcheck=', '-pyflakes=', '-ignore', UNKNOWN_QUEUE, ...files]
  const run = spawnSync(command, options, { cwd: folder, encoding: 'utf8' })
  if (run.error !== undefined)
    return `actionlint did not start: ${run.error.message}. Install it with\n  go install github.com/rhysd/actionlint/cmd/actionlint@${VERSION}`
  return run.status === 0 ? '' : `${run.stdout}${run.stderr}`
}

const folder = mkdtempSync(join(tmpdir(), 'starters-'))
try {
  const written = writeAll(folder)
  const problems = lint(folder, [...written.keys()])
  if (problems === '') console.log(`actionlint accepts ${written.size} workflows of init.`)
  else {
    for (const [file, { name }] of written) {
      if (problems.includes(file)) console.error(`${file}: answers ${name}`)
    }
    console.error(problems)
    process.exitCode = 1
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
