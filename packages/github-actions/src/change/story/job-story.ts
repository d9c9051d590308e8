/**
 * What the steps of a job saw of a change and attached to it, for the block of the last one. It is kept in the runner's
 * folder for temporary files, which any step of the job can write: it is shown, and decides nothing.
 */
import { lstatSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { formatJobStory, type JobStory, MAX_JOB_STORY, parseJobStory } from '@change-actions/change-control'
import type { Env } from '../../step/runtime.ts'
import { oneLine } from '../../text.ts'
import type { SeenState, Story } from './story.ts'

/** Whose story it is. */
export type Subject = Pick<JobStory, 'instance' | 'sysId'>

type Known = Pick<Story, 'states' | 'evidence'>

const NOTHING: Known = { states: [], evidence: [] }

const MAX_STATES = 100
const MAX_LINES = 20
const MAX_LINE = 200

/** What earlier steps of the job kept; nothing where it is of another change, or of a form that no step writes. */
export function readStory(env: Env, subject: Subject): Known {
  const file = fileOf(env, subject)
  if (file === undefined) return NOTHING
  try {
    const found = lstatSync(file)
    if (!found.isFile() || found.size > MAX_JOB_STORY) return NOTHING
    const story = parseJobStory(readFileSync(file, 'utf8'))
    const same = story?.sysId === subject.sysId && story.instance === subject.instance
    return same ? story : NOTHING
  } catch {
    return NOTHING
  }
}

/** Keeps a story for later steps. Where it cannot be written, their summaries tell less. */
export function keepStory(env: Env, subject: Subject, { states, evidence }: Known): void {
  const file = fileOf(env, subject)
  if (file === undefined || states.length + evidence.length === 0) return
  try {
    // A link that stands in its place is not followed.
    rmSync(file, { force: true })
    writeFileSync(file, formatJobStory({ ...subject, states, evidence }), { flag: 'wx' })
  } catch {}
}

/**
 * The states of both, each once in a row, and the lines of both. Steps come one after the other, and each knows the
 * instance's clock to a second: their order counts, and no time goes back.
 */
export function joined(earlier: Known, own: Known): Known {
  const known = new Set(earlier.states.map(state => state.join()))
  const states: SeenState[] = []
  for (const state of [...earlier.states, ...own.states.filter(one => !known.has(one.join()))]) {
    const [name, at] = state
    const [before, since] = states.at(-1) ?? ['', at]
    if (name !== before) states.push([name, Math.max(at, since)])
  }
  const lines = [...earlier.evidence, ...own.evidence].map(line => oneLine(line, MAX_LINE))
  return { states: states.slice(-MAX_STATES), evidence: [...new Set(lines)].slice(0, MAX_LINES) }
}

/** undefined without the runner's folder, which it empties for each job. */
function fileOf({ RUNNER_TEMP: folder = '' }: Env, { sysId }: Subject): string | undefined {
  return folder !== '' && /^[0-9a-f]{32}$/.test(sysId)
    ? join(folder, `change-story-${sysId}.json`)
    : undefined
}
