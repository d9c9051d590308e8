/**
 * Makes a workspace package fit for `npm pack`, and puts it back: inside the workspace it exports TypeScript, which
 * Node runs as it is, but not below node_modules. Called by npm in the package's folder, before and after packing.
 *
 *   node ../../scripts/pack.ts prepack | postpack
 */
import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

const folder = process.cwd()
const manifest = join(folder, 'package.json')
/** The manifest as the workspace has it, while the package is being packed. */
const kept = join(folder, 'package.workspace.json')

const STEPS: Readonly<Record<string, () => void>> = { prepack, postpack }

const step = STEPS[process.argv[2] ?? '']
if (step === undefined) throw new Error('Usage: node scripts/pack.ts prepack|postpack')
step()

/** Compiles to `lib/`, JavaScript and types, and has the manifest export that. */
function prepack(): void {
  // A packing that was killed leaves the changed manifest behind.
  if (existsSync(kept)) renameSync(kept, manifest)
  rmSync(join(folder, 'lib'), { recursive: true, force: true })
  execFileSync(process.execPath, [compiler(), '-p', 'tsconfig.pack.json'], { cwd: folder, stdio: 'inherit' })
  copyFileSync(manifest, kept)
  const { exports, bin, scripts: _, private: __, ...rest } = JSON.parse(readFileSync(kept, 'utf8'))
  const packed = {
    ...rest,
    files: ['lib'],
    exports: mapValues(exports, compiledExport),
    ...(bin && { bin: mapValues(bin, file => compiledExport(file).default) })
  }
  writeFileSync(manifest, `${JSON.stringify(packed, null, 2)}\n`)
}

function postpack(): void {
  if (existsSync(kept)) renameSync(kept, manifest)
  rmSync(join(folder, 'lib'), { recursive: true, force: true })
}

function compiledExport(source: string): { types: string; default: string } {
  const file = source.replace('./src/', './lib/')
  return { types: file.replace(/\.ts$/, '.d.ts'), default: file.replace(/\.ts$/, '.js') }
}

function mapValues<T>(
  map: Readonly<Record<string, string>>,
  change: (value: string) => T
): Record<string, T> {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, change(value)]))
}

function compiler(): string {
  const require = createRequire(import.meta.url)
  return join(require.resolve('typescript/package.json'), '..', 'bin', 'tsc')
}
