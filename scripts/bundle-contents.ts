/** Which npm packages are in which file of the bundles: from the bundler, which knows it, not from the manifests. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Next to the bundles: `name@version` of the packages in each file. */
export const CONTENTS_FILE = 'dist/lib/packages.json'

/** Of each script in the folder, sorted. */
export type Contents = Readonly<Record<string, readonly string[]>>

/** What is used here of the statistics that ncc writes with `--stats-out`. */
export interface Stats {
  readonly chunks: readonly { readonly id: number | string; readonly files: readonly string[] }[]
  readonly modules: readonly StatsModule[]
}

interface StatsModule {
  /** The path of the file; null for code of the bundler's own. */
  readonly nameForCondition?: string | null
  readonly chunks?: readonly (number | string)[]
  /** Those that were put into one. */
  readonly modules?: readonly StatsModule[]
}

interface Manifest {
  readonly name: string
  readonly version: string
  readonly license?: string
  readonly private?: boolean
}

/** An npm package that is in a bundle. */
export interface BundledPackage extends Manifest {
  readonly folder: string
}

/** The npm packages in each file. Stubs of ours and workspace packages, which are private, are none. */
export function contentsOf(stats: Stats): Contents {
  const found = new Map(
    stats.chunks.flatMap(({ files }) => files.map(file => [file, new Set<string>()] as const))
  )
  const filesOf = new Map(stats.chunks.map(({ id, files }) => [id, files]))
  for (const { paths, chunks } of stats.modules.map(pathsOf)) {
    const packages = paths.flatMap(path => packageOf(path) ?? []).map(nameAndVersion)
    for (const file of chunks.flatMap(id => filesOf.get(id) ?? []))
      for (const one of packages) found.get(file)?.add(one)
  }
  const sorted = [...found].sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(sorted.map(([file, packages]) => [file, [...packages].sort()]))
}

/** The packages of all files, sorted, each once. */
export function bundledPackages(stats: Stats): BundledPackage[] {
  const all = stats.modules.flatMap(one => pathsOf(one).paths).flatMap(path => packageOf(path) ?? [])
  const unique = new Map(all.map(one => [nameAndVersion(one), one]))
  return [...unique].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one)
}

/** What the build wrote down. */
export function readContents(root: string): Contents {
  return JSON.parse(readFileSync(join(root, CONTENTS_FILE), 'utf8'))
}

function pathsOf(module: StatsModule): { paths: string[]; chunks: readonly (number | string)[] } {
  const inner = module.modules?.flatMap(one => pathsOf(one).paths) ?? []
  const own = module.nameForCondition == null ? [] : [module.nameForCondition]
  return { paths: [...own, ...inner], chunks: module.chunks ?? [] }
}

const IN_PACKAGE = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/

function packageOf(path: string): BundledPackage | undefined {
  const [folder] = IN_PACKAGE.exec(path.replaceAll('\\', '/')) ?? []
  if (folder === undefined || !existsSync(join(folder, 'package.json'))) return undefined
  const manifest: Manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  return manifest.private === true ? undefined : { ...manifest, folder }
}

function nameAndVersion({ name, version }: Manifest): string {
  return `${name}@${version}`
}
