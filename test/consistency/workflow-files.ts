import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { ROOT } from '../../scripts/action-docs.ts'

/** A whole workflow that users read or run. */
export interface WorkflowFile {
  /** Path in the repository; for a block of a page also the line at which it begins. */
  readonly name: string
  readonly content: string
  /** `own`: of this repository; `example`: pasted by users; `page`: in the text of a page. */
  readonly kind: 'own' | 'example' | 'page'
}

/** The policy file of an example; not a workflow. */
export const POLICY_EXAMPLE = 'examples/servicenow-change.yml'

export function workflowFiles(): WorkflowFile[] {
  return [
    ...inFolder('.github/workflows', 'own'),
    ...inFolder('examples', 'example').filter(({ name }) => name !== POLICY_EXAMPLE),
    ...pages().flatMap(page => blocksOf(page, read(page)))
  ]
}

export const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')

function inFolder(folder: string, kind: WorkflowFile['kind']): WorkflowFile[] {
  return list(folder)
    .filter(name => /\.ya?ml$/.test(name))
    .map(name => ({ name: `${folder}/${name}`, content: read(`${folder}/${name}`), kind }))
}

function list(folder: string): string[] {
  const path = join(ROOT, folder)
  return existsSync(path) ? readdirSync(path).sort() : []
}

function pages(): string[] {
  const ofActions = list('actions').map(action => `actions/${action}/README.md`)
  const inDocs = list('docs').map(name => `docs/${name}`)
  return ['README.md', 'examples/README.md', ...ofActions, ...inDocs].filter(
    path => path.endsWith('.md') && existsSync(join(ROOT, path))
  )
}

/** The fenced blocks of a page that are whole workflows. */
export function blocksOf(page: string, text: string): WorkflowFile[] {
  return [...text.matchAll(/^```ya?ml\n([\s\S]*?)^```/gm)].flatMap(({ index, 1: content = '' }) => {
    const line = text.slice(0, index).split('\n').length + 1
    return isWorkflow(content) ? [{ name: `${page}:${line}`, content, kind: 'page' as const }] : []
  })
}

/** The fenced blocks of the pages that are steps of a job, each as a workflow of that one job. */
export function stepBlocks(): WorkflowFile[] {
  return pages().flatMap(page => {
    const text = read(page)
    return [...text.matchAll(/^```ya?ml\n(- [\s\S]*?)^```/gm)].map(({ index, 1: steps = '' }) => ({
      name: `${page}:${text.slice(0, index).split('\n').length + 1}`,
      content: `on: push\njobs:\n  job:\n    runs-on: x\n    steps:\n${steps.replace(/^(?=.)/gm, '      ')}`,
      kind: 'page' as const
    }))
  })
}

function isWorkflow(content: string): boolean {
  const parsed = parse(content) as unknown
  return typeof parsed === 'object' && parsed !== null && 'on' in parsed && 'jobs' in parsed
}
