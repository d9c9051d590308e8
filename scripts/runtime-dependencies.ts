/** The npm packages that the actions are built from: what the workspace packages declare, at the versions they pin. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Has a bundle of its own and is no part of a step. */
const NOT_IN_A_STEP = ['sandbox']

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>
}

/** Exact versions by name, without the workspace packages themselves. @throws Error when two packages pin a name apart */
export function runtimeDependencies(root: string): Record<string, string> {
  const found: Record<string, string> = {}
  for (const name of readdirSync(join(root, 'packages')).filter(one => !NOT_IN_A_STEP.includes(one))) {
    const manifest: Manifest = JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8'))
    for (const [dependency, version] of Object.entries(manifest.dependencies ?? {})) {
      if (dependency.startsWith('@change-actions/')) continue
      const other = found[dependency] ?? version
      if (other !== version)
        throw new Error(`${dependency} is pinned to ${other} and, in ${name}, to ${version}`)
      found[dependency] = version
    }
  }
  return found
}
