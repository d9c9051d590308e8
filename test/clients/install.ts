import { execFile } from 'node:child_process'
import { mkdirSync } from 'node:fs'
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

const INSTALLERS = { python: installPython, node: installNode }

/**
 * Installs a client at its pinned version, from its registry.
 * @param folder an empty or missing folder of its own
 * @throws Error with what the package manager printed
 */
export async function install(client: Client, folder: string): Promise<Installed> {
  mkdirSync(folder, { recursive: true })
  return await INSTALLERS[client.language](client, folder)
}
