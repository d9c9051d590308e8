import { basename, extname } from 'node:path'
import { oneLine } from '../text.ts'
import { type Places, stepsBelow } from './places.ts'
import type { Candidate } from './types.ts'

/** Names for the candidates, in their order, and what could not be named. */
export interface Naming {
  readonly names: readonly string[]
  readonly problems: readonly string[]
}

interface Entry {
  readonly candidate: Candidate
  /** Folders above the file, the nearest first; none for a name that was given. */
  readonly folders: readonly string[]
  /** How many of these folders stand in front of the name. */
  depth: number
}

/**
 * A file is named after itself. Files that share a name get the folder they are in put in front, and the
 * one above, until they differ; a name that was given stays.
 */
export function nameFiles(candidates: readonly Candidate[], places: Places): Naming {
  const entries = candidates.map(candidate => ({
    candidate,
    folders: foldersOf(candidate, places),
    depth: 0
  }))
  let clashes = clashesOf(entries)
  while (clashes.some(group => group.some(canGrow))) {
    for (const entry of clashes.flat()) if (canGrow(entry)) entry.depth += 1
    clashes = clashesOf(entries)
  }
  const problems = clashes.map(group => {
    const files = group.map(({ candidate }) => `\`${oneLine(candidate.found, 200)}\``).join(' and ')
    return `Files would share the name \`${group[0] ? fileName(group[0]) : ''}\`: ${files}; give each its own \`name\``
  })
  return { names: entries.map(fileName), problems }
}

function foldersOf({ wanted, found, file }: Candidate, places: Places): readonly string[] {
  if (wanted.name !== undefined) return []
  return stepsTo(found, file.path, places).slice(0, -1).reverse()
}

function stepsTo(found: string, path: string, places: Places): readonly string[] {
  const ways = [found, path].flatMap(at => places.all.map(root => stepsBelow(root, at)))
  return ways.find(steps => steps !== undefined) ?? [path]
}

function canGrow({ folders, depth }: Entry): boolean {
  return depth < folders.length
}

function clashesOf(entries: readonly Entry[]): readonly (readonly Entry[])[] {
  const groups = new Map<string, Entry[]>()
  for (const entry of entries) groups.set(fileName(entry), [...(groups.get(fileName(entry)) ?? []), entry])
  return [...groups.values()].filter(group => group.length > 1)
}

function fileName({ candidate, folders, depth }: Entry): string {
  const { wanted, found } = candidate
  if (wanted.name !== undefined) return clean(withExtension(wanted.name, found))
  return clean([...folders.slice(0, depth).reverse(), basename(found)].join('-'))
}

/** The given name, with the file's extension when it has none; the `.2` of "Release 1.2" is none. */
function withExtension(name: string, file: string): string {
  return /\.(?=[a-z0-9]*[a-z])[a-z0-9]{1,10}$/i.test(name) ? name : name + extname(file)
}

const UNNAMEABLE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu

/** A name that is one in any system: no separators, no control or display-reordering characters. */
function clean(name: string): string {
  return name.replace(/[\\/]/g, '-').replace(UNNAMEABLE, '_').trim() || '_'
}
