import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { kilobytes, table } from '../measure/format.ts'
import { ROOT } from '../measure/step.ts'
import type { Result, Scenario } from '../scenario.ts'

const MAX_SCRIPT_BYTES = 900_000
const MAX_ARCHIVE_BYTES = 450_000
const SANDBOX_PATHS = ['packages/sandbox', 'dist/sandbox']

/** The download of a runner: the scripts of all actions, and the archive of the repository. */
export const size: Scenario = {
  name: 'size',
  title: 'Size of the download',
  run: async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bench-'))
    try {
      return measure(new Tree(folder))
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
}

/** A Git tree of the repository with uncommitted changes. The index and objects of the repository are not changed. */
class Tree {
  readonly #env: NodeJS.ProcessEnv
  readonly #id: string

  constructor(folder: string) {
    const objects = join(folder, 'objects')
    mkdirSync(objects)
    const repositoryObjects = this.#git(
      ['rev-parse', '--path-format=absolute', '--git-path', 'objects'],
      process.env
    )
    this.#env = {
      ...process.env,
      GIT_INDEX_FILE: join(folder, 'index'),
      GIT_OBJECT_DIRECTORY: objects,
      GIT_ALTERNATE_OBJECT_DIRECTORIES: repositoryObjects.toString().trim()
    }
    this.#git(['read-tree', 'HEAD'])
    this.#git(['add', '--all'])
    this.#id = this.#git(['write-tree']).toString().trim()
  }

  #git(args: readonly string[], env = this.#env): Buffer {
    return execFileSync('git', args, { cwd: ROOT, env, stdio: 'pipe', maxBuffer: 2 ** 28 })
  }

  /** Bytes of each file in a folder, by path. */
  sizes(folder: string): Map<string, number> {
    const lines = this.#git(['ls-tree', '-r', '-l', '-z', this.#id, '--', folder]).toString().split('\0')
    return new Map(
      lines.filter(Boolean).map(line => {
        const [attributes = '', path = ''] = line.split('\t')
        return [path, Number(attributes.trim().split(/\s+/).at(-1))]
      })
    )
  }

  /** Bytes of `git archive | gzip -9`. @param without paths to leave out */
  archive(without: readonly string[]): number {
    const paths = without.map(path => `:(exclude)${path}`)
    return gzipSync(this.#git(['archive', this.#id, '--', '.', ...paths]), { level: 9 }).length
  }
}

function totalBytes(files: readonly (readonly [string, number])[]): number {
  return files.reduce((sum, [, bytes]) => sum + bytes, 0)
}

function measure(tree: Tree): Result {
  const scripts = [...tree.sizes('dist')].filter(([path]) => path.endsWith('.js'))
  const actionScripts = scripts.filter(([path]) => !path.startsWith('dist/sandbox/'))
  const total = totalBytes(actionScripts)
  const archive = tree.archive(SANDBOX_PATHS)
  const folders = new Set(scripts.map(([path]) => dirname(path)))
  const sizeOf = (folder: string) => totalBytes(scripts.filter(([path]) => dirname(path) === folder))
  return {
    findings: [
      {
        what: 'committed JavaScript, all actions together',
        target: `≤ ${kilobytes(MAX_SCRIPT_BYTES)}`,
        measured: kilobytes(total),
        met: total <= MAX_SCRIPT_BYTES
      },
      {
        what: 'archive of the repository without the sandbox, gzipped',
        target: `≤ ${kilobytes(MAX_ARCHIVE_BYTES)}`,
        measured: kilobytes(archive),
        met: archive <= MAX_ARCHIVE_BYTES
      },
      { what: 'the same with the sandbox', measured: kilobytes(tree.archive([])) }
    ],
    details: table(
      ['folder', 'JavaScript'],
      [...folders].map(folder => [folder, kilobytes(sizeOf(folder))])
    )
  }
}
