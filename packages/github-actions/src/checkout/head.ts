import { join } from 'node:path'
import { type GitFolders, readSmall } from './git-files.ts'

const COMMIT = /^([0-9a-f]{40}|[0-9a-f]{64})$/
const SYMBOLIC = 'ref: '
/** git follows five symbolic refs. */
const MAX_DEPTH = 5

/**
 * The commit that HEAD names, from the files: git itself would read a configuration that the workspace may have
 * written. Undefined for a form that is not understood, such as refs in a reftable.
 */
export function readHead(folders: GitFolders): string | undefined {
  let text = readSmall(join(folders.own, 'HEAD'))?.trim()
  for (let depth = 0; text?.startsWith(SYMBOLIC) && depth < MAX_DEPTH; depth += 1) {
    const name = text.slice(SYMBOLIC.length).trim()
    text = isRefName(name) ? readRef(folders, name) : undefined
  }
  return text !== undefined && COMMIT.test(text) ? text : undefined
}

/** A loose ref counts before a packed one. */
function readRef({ own, common }: GitFolders, name: string): string | undefined {
  const loose = readSmall(join(own, name)) ?? readSmall(join(common, name))
  return loose?.trim() ?? packedRef(readSmall(join(common, 'packed-refs')) ?? '', name)
}

/** Lines of `<commit> <name>`, beside comments and peeled tags. */
function packedRef(text: string, name: string): string | undefined {
  const line = text.split('\n').find(one => one.trimEnd().endsWith(` ${name}`))
  const [commit, found] = line?.trim().split(' ') ?? []
  return found === name ? commit : undefined
}

/** A name below refs/, none of whose parts leads elsewhere: it becomes a path. */
function isRefName(name: string): boolean {
  const parts = name.split('/')
  const plain = parts.every(part => part !== '' && !part.startsWith('.') && !part.includes('\\'))
  return parts.length > 1 && parts[0] === 'refs' && plain && !name.includes('\0')
}
