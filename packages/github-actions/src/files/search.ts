import { isAbsolute, join, normalize, resolve } from 'node:path'
import { messageOf } from '../errors.ts'
import { oneLine } from '../text.ts'
import { inspect, type Places } from './places.ts'
import type { Candidate, Wanted } from './types.ts'

/** What one path or glob led to. */
export interface SearchResult {
  readonly candidates: readonly Candidate[]
  readonly problems: readonly string[]
  /** Files that a glob caught and that cannot be attached, each with the reason. */
  readonly skipped?: readonly string[]
}

/** Finds the files of one path or glob. A path that exists is taken as such, whatever signs are in it. */
export async function search(
  wanted: Wanted,
  excluded: readonly string[],
  places: Places
): Promise<SearchResult> {
  const plain = resolve(places.workspace, wanted.pattern)
  const result = await examine(wanted, plain, places)
  if (result !== undefined) return result
  if (!/[*?[]/.test(wanted.pattern)) return { candidates: [], problems: [] }
  return searchGlob(wanted, excluded, places)
}

/** The plain path; undefined when there is nothing. */
async function examine(wanted: Wanted, path: string, places: Places): Promise<SearchResult | undefined> {
  const check = await inspect(path, places)
  switch (check.kind) {
    case 'nothing':
      return undefined
    case 'file':
      return { candidates: [{ wanted, found: path, file: check }], problems: [] }
    case 'folder':
      return { candidates: [], problems: [problem(wanted, wanted.pattern, folderHint(wanted.pattern))] }
    default:
      return { candidates: [], problems: [problem(wanted, wanted.pattern, check.reason)] }
  }
}

function folderHint(pattern: string): string {
  const folder = /[\\/]$/.test(pattern) ? pattern.slice(0, -1) : pattern
  return `is a folder; for the files in it write \`${oneLine(folder, 200)}/**\``
}

async function searchGlob(
  wanted: Wanted,
  excluded: readonly string[],
  places: Places
): Promise<SearchResult> {
  const candidates: Candidate[] = []
  const problems: string[] = []
  const skipped: string[] = []
  const matches = await glob(wanted.pattern, excluded, places.workspace).catch((error: unknown) => {
    problems.push(problem(wanted, wanted.pattern, `cannot be searched: ${oneLine(messageOf(error), 200)}`))
    return []
  })
  for (const found of matches) {
    const check = await inspect(found, places)
    if (check.kind === 'file') candidates.push({ wanted, found, file: check, optional: true })
    // A wide glob may well find what never is evidence: it is passed over.
    if (check.kind !== 'refused' || check.because === 'private') continue
    const list = check.because === 'unusable' ? skipped : problems
    list.push(problem(wanted, found, check.reason))
  }
  if (wanted.name !== undefined && candidates.length > 1) {
    const reason = `matches ${candidates.length} files, which cannot all be named \`${oneLine(wanted.name, 100)}\``
    problems.push(problem(wanted, wanted.pattern, reason))
  }
  return { candidates, problems, skipped }
}

/** Paths that match, sorted: the order of a folder is that of the file system. */
async function glob(
  pattern: string,
  excluded: readonly string[],
  workspace: string
): Promise<readonly string[]> {
  const { create } = await import('@actions/glob')
  const patterns = [pattern, ...excluded].map(each => below(workspace, each))
  const globber = await create(patterns.map((each, index) => (index === 0 ? each : `!${each}`)).join('\n'), {
    implicitDescendants: false,
    matchDirectories: false
  })
  return (await globber.glob()).sort()
}

/** The glob as an absolute one, also where the workspace's own path has signs in it. */
function below(workspace: string, pattern: string): string {
  if (isAbsolute(pattern)) return normalize(pattern)
  const escaped = process.platform === 'win32' ? workspace : workspace.replace(/\\/g, '\\\\')
  return join(escaped.replace(/[[*?]/g, '[$&]'), pattern)
}

function problem(wanted: Wanted, path: string, reason: string): string {
  return `\`${wanted.input}\`: \`${oneLine(path, 200)}\` ${reason}`
}
