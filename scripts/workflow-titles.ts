/** Titles of the errors that the reusable workflows print themselves, with the texts they print. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './action-docs.ts'

export interface WorkflowTitle {
  readonly title: string
  readonly cause: string
  readonly fix: string
  /** File names of the workflows that print it. */
  readonly workflows: readonly string[]
}

const FOLDER = join(ROOT, '.github/workflows')

/** `echo '::error title=No evidence::Nothing is there. Fix: run the tests first.'` */
const ERROR = /::error title=([^:\n]+)::([^\n]*?)['"](?:\s|$)/gm

export function workflowTitles(): WorkflowTitle[] {
  const found = reusableWorkflows().flatMap(({ name, content }) =>
    [...content.matchAll(ERROR)].map(([, title = '', text = '']) => ({ title, name, ...partsOf(text) }))
  )
  return [...new Set(found.map(one => one.title))].flatMap(title => {
    const all = found.filter(one => one.title === title)
    const first = all.find(one => one.fix !== '') ?? all[0]
    if (first === undefined) return []
    return [{ title, cause: first.cause, fix: first.fix, workflows: [...new Set(all.map(one => one.name))] }]
  })
}

export function reusableWorkflows(): { name: string; content: string }[] {
  if (!existsSync(FOLDER)) return []
  return readdirSync(FOLDER)
    .filter(name => name.endsWith('.yml'))
    .sort()
    .map(name => ({ name, content: readFileSync(join(FOLDER, name), 'utf8') }))
    .filter(({ content }) => /^\s+workflow_call:/m.test(content))
}

/** Cause and fix of a text that is written out; none of one that is put together when it runs. */
function partsOf(text: string): { cause: string; fix: string } {
  const [cause = '', fix = ''] = text.includes('${') || text.includes('%s') ? [] : text.split(/\s*Fix: /)
  const plain = (part: string) => part.trim().replace(/\.$/, '')
  return { cause: plain(cause), fix: plain(fix) }
}
