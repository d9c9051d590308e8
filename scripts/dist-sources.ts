/** What dist/ was built from, as one hash that the build writes down and every test that runs dist/ compares. */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Next to the bundles: SHA-256 of the sources. */
export const SOURCES_FILE = 'dist/sources.sha256'

const FOLDERS = ['actions', 'packages', 'scripts/toolkit-stubs']
const FILES = [
  'scripts/build.ts',
  'scripts/bundle-contents.ts',
  'scripts/licenses.ts',
  'package-lock.json',
  'tsconfig.base.json'
]
const SOURCE = /\.(?:ts|js)$|(?:^|\/)package\.json$/
const NOT_BUNDLED = /\.test\.ts$|\/(?:testing|node_modules|lib)\/|\/manifest\.ts$/

/**
 * SHA-256, in hex, of everything that the build of dist/ reads, apart from installed packages: those are named by the
 * lock file.
 *
 * @param root the folder of the repository
 */
export function hashSources(root: string): string {
  const hash = createHash('sha256')
  for (const file of sourceFiles(root)) {
    hash.update(`${file}\0`)
    hash.update(readFileSync(join(root, file)))
    hash.update('\0')
  }
  return hash.digest('hex')
}

function sourceFiles(root: string): readonly string[] {
  const found = FOLDERS.flatMap(folder =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .map(name => `${folder}/${name.replaceAll('\\', '/')}`)
      .filter(file => SOURCE.test(file) && (folder.startsWith('scripts') || !NOT_BUNDLED.test(file)))
  )
  return [...found, ...FILES].sort()
}

/** @throws Error that says what to do, when dist/ was built from other sources than those in the tree */
export function requireFreshDist(root: string): void {
  const file = join(root, SOURCES_FILE)
  const built = existsSync(file) ? readFileSync(file, 'utf8').trim() : ''
  if (built === hashSources(root)) return
  throw new Error('dist/ is older than the sources, so a test would run old code: run "npm run build"')
}
