import type { Env, Runtime } from '../step/runtime.ts'
import { type GitObjects, GitRefusal, openObjects } from './git-objects.ts'

/** What is at a path of a commit. */
export type FileInCommit =
  | { readonly kind: 'file'; readonly content: Uint8Array }
  | { readonly kind: 'absent' }
  | { readonly kind: 'other'; readonly what: string }

/**
 * A file in a commit, from the objects of the repository in the workspace: neither the checked out files nor HEAD matter.
 *
 * @param commit its full id
 * @throws GitRefusal when the repository does not have all that leads to the file
 */
export async function fileInCommit(
  runtime: Pick<Runtime, 'workspace' | 'temp'>,
  env: Env,
  commit: string,
  path: string
): Promise<FileInCommit> {
  const objects = openObjects(runtime, env, commit)
  try {
    return await walk(objects, await treeOf(objects, commit), path.split('/'))
  } finally {
    objects.close()
  }
}

async function treeOf(objects: GitObjects, commit: string): Promise<string> {
  const text = (await objects.read('commit', commit)).toString('latin1')
  const [, tree] = /^tree ([0-9a-f]+)\n/.exec(text) ?? []
  if (tree === undefined) throw new GitRefusal(`the commit ${commit} is not understood`)
  return tree
}

async function walk(objects: GitObjects, tree: string, names: readonly string[]): Promise<FileInCommit> {
  const [name = '', ...others] = names
  const entry = entriesOf(await objects.read('tree', tree), tree.length / 2).find(one => one.name === name)
  if (entry === undefined) return { kind: 'absent' }
  const { kind, id } = entry
  if (others.length > 0) {
    if (kind === 'file') return { kind: 'absent' }
    return kind === 'a folder' ? walk(objects, id, others) : { kind: 'other', what: `inside of ${kind}` }
  }
  return kind === 'file' ? { kind, content: await objects.read('blob', id) } : { kind: 'other', what: kind }
}

interface Entry {
  readonly name: string
  readonly kind: 'file' | 'a folder' | 'a symbolic link' | 'a submodule'
  readonly id: string
}

const MODES: Readonly<Record<string, Entry['kind']>> = {
  '40000': 'a folder',
  '120000': 'a symbolic link',
  '160000': 'a submodule'
}

/** A tree holds `<mode> <name>\0<id>` for each of its entries. */
function entriesOf(tree: Buffer, idBytes: number): Entry[] {
  const entries: Entry[] = []
  for (let at = 0; at < tree.length; ) {
    const end = tree.indexOf(0, at)
    const [mode = '', ...name] = tree.toString('utf8', at, end).split(' ')
    const next = end + 1 + idBytes
    if (end < 0 || next > tree.length) throw new GitRefusal('a tree of the commit is not understood')
    entries.push({
      name: name.join(' '),
      kind: MODES[mode] ?? 'file',
      id: tree.toString('hex', end + 1, next)
    })
    at = next
  }
  return entries
}
