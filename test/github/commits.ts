/** Commits, branches, tags and files of a repository. */
import { createHash } from 'node:crypto'
import { notFound } from './refusal.ts'
import type { Commit, Repository, User, World } from './state.ts'

/** A commit to make. Files are added to those of the parent; `null` removes one. */
export interface CommitSpec {
  readonly message?: string
  readonly author: User
  readonly branch: string
  readonly files: Readonly<Record<string, string | null>>
  /** Epoch milliseconds; default: now. */
  readonly at?: number
  /** The id that other facts give the commit; default: one of its own. */
  readonly sha?: string
  /** A second parent, as a merge has. */
  readonly merge?: string
}

/** SHA-1 in the way of git: forty hexadecimal digits that depend on the content. */
export function shaOf(...parts: readonly string[]): string {
  return createHash('sha1').update(parts.join('\0')).digest('hex')
}

/** Makes a commit at the head of a branch, which it creates from the default branch when there is none. */
export function commitTo(world: World, repository: Repository, spec: CommitSpec): Commit {
  const { branch, merge } = spec
  const parent = repository.branches.get(branch) ?? repository.branches.get(repository.defaultBranch)
  const files = new Map(parent === undefined ? [] : commitOf(repository, parent).files)
  for (const [path, text] of Object.entries(spec.files)) {
    if (text === null) files.delete(path)
    else files.set(path, text)
  }
  const at = spec.at ?? world.now()
  const { message = 'Change' } = spec
  const parents = [...(parent ? [parent] : []), ...(merge ? [merge] : [])]
  const sha = spec.sha ?? shaOf(repository.name, String(world.nextId()), message, ...parents)
  const commit: Commit = { sha, message, author: spec.author, at, parents, files }
  repository.commits.set(sha, commit)
  repository.branches.set(branch, sha)
  return commit
}

/** @throws Error for a commit that the repository does not have */
export function commitOf(repository: Repository, sha: string): Commit {
  const commit = repository.commits.get(sha)
  if (commit === undefined) throw new Error(`${repository.name} has no commit ${sha}`)
  return commit
}

/** A branch, tag or commit, in short or in full (`heads/…`, `refs/tags/…`, at least four digits of a SHA). */
export function resolveRef(repository: Repository, ref: string): Commit | undefined {
  const name = ref.replace(/^refs\//, '')
  const sha =
    repository.branches.get(name.replace(/^heads\//, '')) ?? repository.tags.get(name.replace(/^tags\//, ''))
  if (sha !== undefined) return repository.commits.get(sha)
  if (!/^[0-9a-f]{4,40}$/.test(ref)) return undefined
  return repository.commits.get(ref) ?? [...repository.commits.values()].find(one => one.sha.startsWith(ref))
}

/** As `resolveRef`. @throws Refusal 404 when there is none */
export function requireRef(repository: Repository, ref: string): Commit {
  const commit = resolveRef(repository, ref)
  if (commit === undefined) throw notFound()
  return commit
}

/** The full name of a branch or tag: `refs/heads/main`; undefined for anything else. */
export function fullRef(repository: Repository, ref: string): string | undefined {
  const name = ref.replace(/^refs\/(heads|tags)\//, '')
  const isTag = ref.startsWith('refs/tags/')
  if (!isTag && repository.branches.has(name)) return `refs/heads/${name}`
  if (!ref.startsWith('refs/heads/') && repository.tags.has(name)) return `refs/tags/${name}`
  return undefined
}

/** The commit and its ancestors, each once, newest first. */
export function historyOf(repository: Repository, sha: string): Commit[] {
  const seen = new Map<string, Commit>()
  const open = [sha]
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    if (seen.has(next)) continue
    const commit = commitOf(repository, next)
    seen.set(next, commit)
    open.push(...commit.parents)
  }
  return [...seen.values()]
}

/** A path at which two trees differ. */
export interface ChangedFile {
  readonly path: string
  readonly status: 'added' | 'removed' | 'modified' | 'renamed'
  /** Of one that was moved. */
  readonly before?: string
}

type Tree = ReadonlyMap<string, string>

/** What changed between two trees as a diff lists it: a file that was moved, with the same text, is one entry. */
export function diffOf(before: Tree, after: Tree): ChangedFile[] {
  const all = changedFiles(before, after)
  const gone = new Set(all.filter(({ status }) => status === 'removed').map(({ path }) => path))
  const entries = all.map((one): ChangedFile => {
    if (one.status !== 'added') return one
    const from = [...gone].find(path => before.get(path) === after.get(one.path))
    if (from === undefined) return one
    gone.delete(from)
    return { path: one.path, status: 'renamed', before: from }
  })
  return entries.filter(({ path, status }) => status !== 'removed' || gone.has(path))
}

/** What changed between two trees, by path. */
export function changedFiles(before: Tree, after: Tree): ChangedFile[] {
  const paths = [...new Set([...before.keys(), ...after.keys()])].sort()
  return paths.flatMap(path => {
    const [old, now] = [before.get(path), after.get(path)]
    if (old === now) return []
    return [
      { path, status: old === undefined ? 'added' : now === undefined ? 'removed' : 'modified' } as const
    ]
  })
}
