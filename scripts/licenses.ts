/** The licences of what the bundles contain. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runtimeDependencies } from './runtime-dependencies.ts'

interface Manifest {
  readonly name: string
  readonly version: string
  readonly license: string
  readonly dependencies?: Record<string, string>
}

/** An npm override puts a stub of ours in its place. */
const OUR_OWN = new Set(['undici'])

/**
 * One notice a package, sorted by name: every runtime dependency and what it depends on, whether a bundler saw it or
 * not. The build hands the bundler copies of some packages, so its own list is not complete.
 *
 * @throws when a package has no licence file: MIT and ISC ask for the notice
 */
export function licenseNotices(root: string): string {
  const packages = runtimePackages(root)
  return packages.map(manifest => notice(root, manifest)).join('\n')
}

/** The runtime dependencies of the workspace packages below `root`, theirs included, sorted by name. */
export function runtimePackages(root: string): Manifest[] {
  const found = new Map<string, Manifest>()
  const waiting = Object.keys(runtimeDependencies(root))
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (found.has(name) || OUR_OWN.has(name)) continue
    const manifest = readManifest(folderOf(root, name))
    found.set(name, manifest)
    waiting.push(...Object.keys(manifest.dependencies ?? {}))
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

function notice(root: string, { name, version, license }: Manifest): string {
  const folder = folderOf(root, name)
  const file = readdirSync(folder).find(entry => /^licen[cs]e(\.|$)/i.test(entry))
  if (file === undefined) throw new Error(`${name} ${version} has no licence file, which ${license} asks for`)
  const text = readFileSync(join(folder, file), 'utf8').replaceAll('\r\n', '\n').trim()
  return `${name} ${version}\n${license}\n\n${text}\n`
}

function folderOf(root: string, name: string): string {
  return join(root, 'node_modules', name)
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
}
