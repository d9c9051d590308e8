/** Packs a package of the workspace. */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ROOT } from '../../scripts/action-docs.ts'

/**
 * Packs a copy of the package: packing changes the manifest for a moment, and other tests import it meanwhile.
 * @returns the path of the tarball, which is in `folder`
 */
export function pack(name: string, folder: string): string {
  const workspace = join(folder, 'workspace')
  const place = join(workspace, 'packages', name)
  mkdirSync(join(workspace, 'scripts'), { recursive: true })
  cpSync(join(ROOT, 'packages', name), place, { recursive: true })
  cpSync(join(ROOT, 'scripts', 'pack.ts'), join(workspace, 'scripts', 'pack.ts'))
  for (const file of ['tsconfig.base.json', 'package.json']) cpSync(join(ROOT, file), join(workspace, file))
  symlinkSync(join(ROOT, 'node_modules'), join(workspace, 'node_modules'))
  const printed = run('npm', ['pack', '--silent', '--pack-destination', folder], place)
  return join(folder, printed.trim().split('\n').at(-1) ?? '')
}

/** Runs a program with the Node of the tests: the scripts of npm run on it too. */
export function run(command: string, args: readonly string[], cwd: string): string {
  const env = { ...process.env, PATH: pathWith(process.execPath) }
  return execFileSync(command, args, { cwd, encoding: 'utf8', env })
}

/** PATH with this Node before all others. */
export function pathWith(node: string): string {
  return `${dirname(node)}:${process.env.PATH}`
}
