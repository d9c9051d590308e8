/** Commits in a workspace, for tests: objects as git stores them, without running git. */
import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'

/** Files of a commit by their path. */
export type Files = Readonly<Record<string, string>>

/**
 * Makes a commit of these files alone, as the checkout of the workspace, and returns its id: the same for the same
 * files. What is in the workspace's folders is left as it is.
 */
export function commitFiles(workspace: string, files: Files): string {
  const write = (type: string, content: Buffer): string => {
    const bytes = Buffer.concat([Buffer.from(`${type} ${content.length}\0`), content])
    const id = createHash('sha1').update(bytes).digest('hex')
    const folder = join(workspace, '.git', 'objects', id.slice(0, 2))
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, id.slice(2)), deflateSync(bytes))
    return id
  }
  const tree = (inside: Files): string => {
    const names = [...new Set(Object.keys(inside).map(path => path.split('/')[0] as string))].sort()
    const entries = names.flatMap(name => {
      const text = inside[name]
      const id = text === undefined ? tree(below(inside, `${name}/`)) : write('blob', Buffer.from(text))
      const mode = text === undefined ? '40000' : '100644'
      return [Buffer.from(`${mode} ${name}\0`), Buffer.from(id, 'hex')]
    })
    return write('tree', Buffer.concat(entries))
  }
  const person = 'octocat <octocat@example.com> 1700000000 +0000'
  const lines = [`tree ${tree(files)}`, `author ${person}`, `committer ${person}`, '', 'Change', '']
  const commit = write('commit', Buffer.from(lines.join('\n')))
  writeFileSync(join(workspace, '.git', 'HEAD'), `${commit}\n`)
  return commit
}

function below(files: Files, folder: string): Files {
  const entries = Object.entries(files).filter(([path]) => path.startsWith(folder))
  return Object.fromEntries(entries.map(([path, text]) => [path.slice(folder.length), text]))
}
