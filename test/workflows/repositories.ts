import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Scenario } from './scenario.ts'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const SLUG = 'change-actions/servicenow'
const STAND_INS = join(ROOT, 'test/workflows/stand-ins')

const IDENTITY = ['-c', 'user.name=Shop Team', '-c', 'user.email=shop@bank.example']

function git(folder: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): string {
  return execFileSync('git', args, { cwd: folder, encoding: 'utf8', stdio: 'pipe', env })
}

/**
 * This repository as its users download it, with what is not committed yet: act copies the whole folder for every
 * step, so node_modules must not be there. Objects and index of the repository itself are not touched.
 */
export function publish(folder: string): string {
  const published = join(folder, 'published')
  const objects = join(folder, 'objects')
  for (const one of [published, objects]) mkdirSync(one, { recursive: true })
  const env = {
    ...process.env,
    GIT_INDEX_FILE: join(folder, 'index'),
    GIT_OBJECT_DIRECTORY: objects,
    GIT_ALTERNATE_OBJECT_DIRECTORIES: git(ROOT, [
      'rev-parse',
      '--path-format=absolute',
      '--git-path',
      'objects'
    ]).trim()
  }
  git(ROOT, ['read-tree', 'HEAD'], env)
  git(ROOT, ['add', '--all'], env)
  const tree = git(ROOT, ['write-tree'], env).trim()
  const archive = join(folder, 'published.tar')
  git(ROOT, ['archive', '--output', archive, tree], env)
  execFileSync('tar', ['-xf', archive, '-C', published])
  const workflows = join(published, '.github/workflows')
  for (const name of readdirSync(workflows)) {
    const path = join(workflows, name)
    writeFileSync(path, withoutQueue(readFileSync(path, 'utf8')))
  }
  return published
}

/** act takes `queue` of a concurrency group for a mistake. */
function withoutQueue(text: string): string {
  return text.replaceAll(/, queue: max(?= })|^ +queue: max\n/gm, '')
}

/** The caller's repository, with a commit for each of the scenario's tags and one on top. */
export function callerRepository(folder: string, { files, history = [], gone = [], branch }: Scenario): void {
  mkdirSync(folder, { recursive: true })
  git(folder, ['init', '--quiet', '--initial-branch', 'main'])
  git(folder, ['remote', 'add', 'origin', 'https://github.com/acme-bank/shop.git'])
  for (const past of history) {
    commit(folder, past.files)
    git(folder, ['tag', past.tag])
  }
  for (const path of gone) rmSync(join(folder, path))
  commit(folder, files)
  if (branch !== undefined) git(folder, ['branch', branch])
}

/** The id of a commit in the caller's repository. */
export function commitOf(folder: string, ref: string): string {
  return git(folder, ['rev-parse', `${ref}^{commit}`]).trim()
}

function commit(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), withoutQueue(text), { mode: path.endsWith('.sh') ? 0o755 : 0o644 })
  }
  git(folder, ['add', '--all'])
  git(folder, [...IDENTITY, 'commit', '--quiet', '--message', 'Shop'])
}

/** Folders that stand for repositories: ours, and GitHub's actions that cannot be downloaded. */
export function repositoriesFor(
  published: string,
  files: Readonly<Record<string, string>>
): Record<string, string> {
  const texts = [...Object.values(files), ...publishedWorkflows(published)]
  // In a release our own workflows use our actions by commit.
  const ours = texts.flatMap(text => [
    ...text.matchAll(/uses:\s*change-actions\/servicenow(?:\/[\w./-]+)?@([\w.-]+)/g)
  ])
  const uses = texts.flatMap(text => [
    ...text.matchAll(
      /uses:\s*actions\/(attest|checkout|create-github-app-token|upload-artifact|download-artifact)@([\w.-]+)/g
    )
  ])
  return {
    ...Object.fromEntries(ours.map(([, ref = 'v1']) => [`${SLUG}@${ref}`, published])),
    [`${SLUG}@v1`]: published,
    ...Object.fromEntries(uses.map(([, name = '', ref]) => [`actions/${name}@${ref}`, join(STAND_INS, name)]))
  }
}

function publishedWorkflows(published: string): string[] {
  const folder = join(published, '.github/workflows')
  return readdirSync(folder).map(name => readFileSync(join(folder, name), 'utf8'))
}
