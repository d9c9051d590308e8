/** Files that never are evidence, and that a wide glob may well find: those of the runner, of git and of sign-ins. */
import { basename, dirname } from 'node:path'

/** In a folder of one of these names, at any depth. */
const FOLDERS: ReadonlySet<string> = new Set([
  '.git',
  '.ssh',
  '.gnupg',
  // The runner's, in its folder for temporary files: commands of steps, home and event of container jobs.
  '_runner_file_commands',
  '_github_home',
  '_github_workflow'
])

/** The runner's own credentials, and those that tools keep in files. */
const NAMES: ReadonlySet<string> = new Set([
  '.credentials',
  '.credentials_rsaparams',
  '.credentials_migrated',
  '.runner',
  '.runner_migrated',
  '.git-credentials',
  '.netrc',
  '_netrc',
  '.npmrc',
  '.pypirc',
  '.dockercfg'
])

const TAILS: readonly string[] = ['.docker/config.json', '.aws/credentials', '.kube/config']

/** What actions/checkout, and the actions that sign in to Google Cloud, call their files. */
const PREFIXES: readonly (readonly [start: string, end: string])[] = [
  ['git-credentials-', '.config'],
  ['gha-creds-', '.json']
]

/**
 * At the top of the folder for temporary files: the scripts of `run` steps, and the SSH key and known hosts of
 * actions/checkout, whose names are a GUID.
 */
const GUID_FILE =
  /^_?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(_known_hosts|\.(sh|bash|ps1|cmd|bat|py))?$/

/**
 * Why a file never is evidence; undefined for any other.
 *
 * @param real its path, links resolved
 * @param temp the runner's folder for temporary files, links resolved; '' where there is none
 */
export function privateReason(real: string, temp: string): string | undefined {
  const steps = real.toLowerCase().split(/[\\/]/)
  if (steps.includes('.git')) return 'is part of a `.git` folder, which can hold credentials'
  const name = steps.at(-1) ?? ''
  const isPrivate =
    steps.slice(0, -1).some(step => FOLDERS.has(step)) ||
    NAMES.has(name) ||
    TAILS.includes(steps.slice(-2).join('/')) ||
    PREFIXES.some(([start, end]) => name.startsWith(start) && name.endsWith(end)) ||
    isOfRunner(real, temp)
  return isPrivate ? 'is a file of the runner or of an action, which can hold credentials' : undefined
}

function isOfRunner(real: string, temp: string): boolean {
  return dirname(real) === temp && GUID_FILE.test(basename(real).toLowerCase())
}
