import { contentTypeOf } from '@change-actions/evidence/content-type'
import { inputError } from '../inputs/error.ts'
import { oneLine } from '../text.ts'
import { readEntries } from './entries.ts'
import { nameFiles } from './names.ts'
import { resolvePlaces } from './places.ts'
import { search } from './search.ts'
import type { Candidate, EvidenceFile, EvidenceRequest } from './types.ts'

/** The files of a request, and the paths and globs that led to none. */
export interface Evidence {
  readonly found: EvidenceFile[]
  readonly unmatched: string[]
  /** Files that globs caught and that cannot be attached, each with the reason. */
  readonly skipped: string[]
}

/**
 * Finds and checks the files to attach, before anything is sent. A file found twice counts once.
 *
 * @throws Problem `input` with every entry and file that must not be attached (outside the workspace and the temporary
 *   folder, in `.git`, of the runner, without a name of its own), and with every path that cannot (a folder, a pipe or
 *   device, empty, unreadable); what a glob caught and cannot be attached is skipped
 */
export async function findEvidence(request: EvidenceRequest): Promise<Evidence> {
  const { wanted, excluded, problems: wrongEntries } = readEntries(request)
  const places = await resolvePlaces(request.workspace, request.temp)
  const problems = [...wrongEntries]
  const unmatched: string[] = []
  const skipped: string[] = []
  const candidates: Candidate[] = []
  for (const each of wanted) {
    const result = await search(each, excluded, places)
    problems.push(...result.problems)
    candidates.push(...result.candidates)
    skipped.push(...(result.skipped ?? []))
    if (result.candidates.length + result.problems.length === 0) unmatched.push(each.pattern)
  }
  const distinct = withoutRepeats(candidates)
  const { names, problems: clashes } = nameFiles(distinct.candidates, places)
  problems.push(...distinct.problems, ...(problems.length === 0 ? clashes : []))
  if (problems.length > 0) throw inputError([...new Set(problems)])
  const found = await Promise.all(distinct.candidates.map((each, i) => describe(each, names[i] ?? '')))
  return { found, unmatched, skipped: [...new Set(skipped)] }
}

/** Each file once, where it was found first; a name given to it anywhere counts. */
function withoutRepeats(candidates: readonly Candidate[]): { candidates: Candidate[]; problems: string[] } {
  const byPath = new Map<string, Candidate>()
  const problems: string[] = []
  for (const candidate of candidates) {
    const before = byPath.get(candidate.file.path)
    const [one, other] = [before?.wanted.name, candidate.wanted.name]
    if (one !== undefined && other !== undefined && one !== other) {
      const names = [one, other].map(name => `\`${oneLine(name, 100)}\``).join(' and ')
      problems.push(
        `\`attachments\`: \`${oneLine(candidate.wanted.pattern, 200)}\` is given two names, ${names}`
      )
    }
    const optional = (before?.optional ?? true) && candidate.optional === true
    const best = before === undefined || (one === undefined && other !== undefined) ? candidate : before
    byPath.set(candidate.file.path, { ...best, optional })
  }
  return { candidates: [...byPath.values()], problems }
}

async function describe({ wanted, found, file, optional }: Candidate, name: string): Promise<EvidenceFile> {
  const contentType = await contentTypeOf(found, name)
  const { path, size, identity } = file
  const checked = { path, size, identity }
  return { ...checked, given: wanted.pattern, name, contentType, ...(optional === true && { optional }) }
}
