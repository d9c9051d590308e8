/**
 * Builds the companion application for ServiceNow:  npm run companion
 * Installs ServiceNow's SDK in servicenow/ where it is missing (340 MB; no instance is needed), builds, and writes what is
 * committed: xml/, manifest.json and paste/.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { COMPANION, generatedFiles } from './companion-files.ts'

const SDK = join(COMPANION, 'node_modules/@servicenow/sdk')
const wanted = JSON.parse(readFileSync(join(COMPANION, 'package.json'), 'utf8')).devDependencies[
  '@servicenow/sdk'
]

function sdkVersion(): string | undefined {
  const path = join(SDK, 'package.json')
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).version : undefined
}

function run(command: string, args: readonly string[]): void {
  execFileSync(command, args, { cwd: COMPANION, stdio: 'inherit' })
}

/** Replaces xml/ by what the SDK has built. Its bill of materials has a new number and time in each build: it is left out. */
function takeXml(): void {
  const [built, kept] = [join(COMPANION, 'dist/app'), join(COMPANION, 'xml')]
  rmSync(kept, { recursive: true, force: true })
  cpSync(built, kept, { recursive: true })
  for (const name of readdirSync(join(kept, 'update'))) {
    const path = join(kept, 'update', name)
    if (name.startsWith('sys_module_') && readFileSync(path, 'utf8').includes('/bom.json</path>'))
      rmSync(path)
  }
  rmSync(join(COMPANION, 'dist'), { recursive: true })
}

if (sdkVersion() !== wanted) run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'])
run(process.execPath, [join(SDK, 'bin/index.js'), 'build'])
takeXml()
rmSync(join(COMPANION, 'paste'), { recursive: true, force: true })
for (const [name, text] of generatedFiles()) {
  const path = join(COMPANION, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}
