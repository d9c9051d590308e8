import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { kilobytes, table } from '../measure/format.ts'
import { ROOT } from '../measure/step.ts'
import type { Result, Scenario } from '../scenario.ts'

const MAX_SCRIPTS = 900_000
const MAX_ARCHIVE = 450_000
const SANDBOX = ['packages/sandbox', 'dist/sandbox']

/** What a runner downloads: the scripts of all actions, and the archive of the repository that holds them. */
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

/** The repository with what is not committed yet. Its own index and objects are not touched. */
class Tree {
  readonly #env: NodeJS.ProcessEnv
  readonly #id: string

  constructor(folder: string) {
    const objects = join(folder, 'objects')
    mkdirSync(objects)
    const own = this.#git(['rev-parse', '--path-format=absolute', '--git-path', 'objects'], process.env)
    this.#env = {
      ...process.env,
      GIT_INDEX_FILE: join(folder, 'index'),
      GIT_OBJECT_DIRECTORY: objects,
      GIT_ALTERNATE_OBJECT_DIRECTORIES: own.toString().trim()
    }
    this.#git(['read-tree', 'HEAD'])
    this.#git(['add', '--all'])
    this.#id = this.#git(['write-tree']).toString().trim()
  }

  #git(args: readonly string[], env = this.#env): Buffer {
    return execFileSync('git', args, { cwd: ROOT, env, stdio: 'pipe', maxBuffer: 2 ** 28 })
  }

  /** Bytes of each file below a folder, by path. */
  sizes(folder: string): Map<string, number> {
    const lines = this.#git(['ls-tree', '-r', '-l', '-z', this.#id, '--', folder]).toString().split('\0')
    return new Map(
      lines.filter(Boolean).map(line => {
        const [about = '', path = ''] = line.split('\t')
        return [path, Number(about.trim().split(/\s+/).at(-1))]
      })
    )
  }

  /** Bytes of `git archive | gzip -9`. */
  archive(without: readonly string[]): number {
    const paths = without.map(path => `:(exclude)${path}`)
    return gzipSync(this.#git(['archive', this.#id, '--', '.', ...paths]), { level: 9 }).length
  }
}

function sumOf(files: readonly (readonly [string, number])[]): number {
  return files.reduce((sum, [, bytes]) => sum + bytes, 0)
}

function measure(tree: Tree): Result {
  const scripts = [...tree.sizes('dist')].filter(([path]) => path.endsWith('.js'))
  const ofActions = scripts.filter(([path]) => !path.startsWith('dist/sandbox/'))
  const total = sumOf(ofActions)
  const archive = tree.archive(SANDBOX)
  const folders = new Set(scripts.map(([path]) => dirname(path)))
  const sizeOf = (folder: string) => sumOf(scripts.filter(([path]) => dirname(path) === folder))
  return {
    findings: [
      {
        what: 'committed JavaScript, all actions together',
        target: `≤ ${kilobytes(MAX_SCRIPTS)}`,
        measured: kilobytes(total),
        met: total <= MAX_SCRIPTS
      },
      {
        what: 'archive of the repository without the sandbox, gzipped',
        target: `≤ ${kilobytes(MAX_ARCHIVE)}`,
        measured: kilobytes(archive),
        met: archive <= MAX_ARCHIVE
      },
      { what: 'the same with the sandbox', measured: kilobytes(tree.archive([])) }
    ],
    details: table(
      ['folder', 'JavaScript'],
      [...folders].map(folder => [folder, kilobytes(sizeOf(folder))])
    )
  }
}
