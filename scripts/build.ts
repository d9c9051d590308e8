/**
 * Rebuilds dist/ from scratch, byte for byte the same for the same commit: TypeScript → JavaScript (tsc) → one
 * shared bundle and a stub for each action (ncc) → minified (terser; ncc minifies its main file alone).
 */
import { execFileSync } from 'node:child_process'
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { minify } from 'terser'
import { bundledPackages, CONTENTS_FILE, contentsOf, type Stats } from './bundle-contents.ts'
import { hashSources, SOURCES_FILE } from './dist-sources.ts'
import { licenseNotices } from './licenses.ts'

const root = join(import.meta.dirname, '..')
const build = join(root, 'build')
const dist = join(root, 'dist')
const require = createRequire(import.meta.url)

/** Each script an action.yml names, and what it starts. */
const STARTS = {
  'attach-evidence/index.js': 'attachEvidence',
  'audit-deployments/index.js': 'auditDeployments',
  'check-connection/index.js': 'checkConnection',
  'create-change/index.js': 'createChange',
  'gate/index.js': 'gate',
  'gate/post.js': 'gatePost',
  'preview-change/index.js': 'previewChange',
  'resume-deployments/index.js': 'resumeDeployments',
  'run-flow/index.js': 'runFlow',
  'send-event/index.js': 'sendEvent',
  // dist/sandbox/index.js is the sandbox itself.
  'sandbox/main.js': 'sandbox',
  'sandbox/post.js': 'sandboxPost',
  'update-change/index.js': 'updateChange',
  'wait-approval/index.js': 'waitApproval'
} as const

function compile(): void {
  rmSync(build, { recursive: true, force: true })
  execFileSync(process.execPath, [bin('typescript', 'tsc'), '-p', 'tsconfig.build.json'], {
    cwd: root,
    stdio: 'inherit'
  })
  // The workspace packages export TypeScript; the compiled tree needs them to export what was compiled.
  const scope = join(build, 'node_modules', '@change-actions')
  mkdirSync(scope, { recursive: true })
  writeFileSync(join(build, 'package.json'), '{"type":"module"}\n')
  for (const name of readdirSync(join(build, 'packages'))) {
    const { exports } = JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8'))
    const compiled = Object.entries<string>(exports).map(([path, file]) => [
      path,
      file.replace(/\.ts$/, '.js')
    ])
    const manifest = {
      name: `@change-actions/${name}`,
      type: 'module',
      sideEffects: false,
      exports: Object.fromEntries(compiled)
    }
    writeFileSync(join(build, 'packages', name, 'package.json'), JSON.stringify(manifest))
    symlinkSync(join('..', '..', 'packages', name), join(scope, name))
  }
}

/**
 * Gives the compiled tree its own copies of the toolkit and of undici, without the parts that no action calls: see
 * scripts/toolkit-stubs.
 */
function leaveOutParts(): void {
  const stubs = join(root, 'scripts', 'toolkit-stubs')
  const modules = join(build, 'node_modules')
  for (const name of [
    '@actions/core',
    '@actions/github',
    '@actions/glob',
    '@actions/http-client',
    'undici'
  ]) {
    cpSync(join(root, 'node_modules', name), join(modules, name), { recursive: true })
  }
  const core = join(modules, '@actions', 'core')
  for (const name of ['http-client', 'exec']) {
    cpSync(join(stubs, name), join(core, 'node_modules', '@actions', name), { recursive: true })
  }
  copyFileSync(join(stubs, 'summary.js'), join(core, 'lib', 'summary.js'))
  const undici = join(modules, 'undici')
  copyFileSync(join(stubs, 'undici', 'index.js'), join(undici, 'index.js'))
  const parser = join(undici, 'lib', 'llhttp', 'llhttp_simd-wasm.js')
  copyFileSync(join(stubs, 'undici', 'llhttp-simd-wasm.js'), parser)
}

/** ncc does not clean its output folder. */
function bundle(entry: string, target: string): Stats {
  const stats = join(build, 'stats.json')
  const options = ['--no-cache', '--quiet', '--stats-out', stats]
  const args = [bin('@vercel/ncc', 'ncc'), 'build', join(build, entry), '-o', target, ...options]
  execFileSync(process.execPath, args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] })
  rmSync(join(target, 'package.json'), { force: true })
  return JSON.parse(readFileSync(stats, 'utf8'))
}

function writeContents(stats: Stats): void {
  writeFileSync(join(root, CONTENTS_FILE), `${JSON.stringify(contentsOf(stats), undefined, 2)}\n`)
  writeFileSync(join(dist, 'lib', 'licenses.txt'), licenseNotices(bundledPackages(stats)))
}

async function minifyAll(folder: string): Promise<void> {
  for (const name of readdirSync(folder)) {
    if (!/\.[cm]?js$/.test(name)) continue
    const file = join(folder, name)
    const { code } = await minify(readFileSync(file, 'utf8'), {
      module: true,
      ecma: 2020,
      compress: { passes: 2 },
      format: { comments: false }
    })
    if (code === undefined) throw new Error(`${name} could not be minified`)
    writeFileSync(file, `${await inParentheses(code)}\n`)
  }
}

/** What is used here of terser's syntax tree. */
interface Place {
  readonly start: { readonly pos: number }
  readonly end: { readonly pos: number }
}

interface Property extends Place {
  readonly key: unknown
  readonly value: Place & { readonly TYPE: string }
}

interface Statement {
  readonly definitions?: readonly { readonly value?: Place & { readonly properties?: readonly Property[] } }[]
  readonly exported_definition?: Statement
}

/**
 * Puts the modules of a bundle, functions in a table at its top, in parentheses: V8 then compiles them while it reads
 * the file. Without them it skims each one first and reads it again when it runs, and nearly all of them run.
 */
async function inParentheses(code: string): Promise<string> {
  // `ast` is not among terser's types.
  const format: object = { ast: true, code: false }
  const { ast } = (await minify(code, { module: true, compress: false, mangle: false, format })) as {
    ast?: { body: readonly Statement[] }
  }
  const modules = (ast?.body ?? [])
    .flatMap(statement => (statement.exported_definition ?? statement).definitions ?? [])
    .flatMap(({ value }) => (value?.properties === undefined ? [] : functionsIn(value.properties, value)))
  // From the last to the first, so that what comes before keeps its place.
  return modules.reduceRight(
    (text, [from, to]) => `${text.slice(0, from)}(${text.slice(from, to)})${text.slice(to)}`,
    code
  )
}

/** Where the functions under numbers begin and end. A property ends at the comma before the next one. */
function functionsIn(properties: readonly Property[], table: Place): (readonly [number, number])[] {
  return properties.flatMap(({ key, value }, n) => {
    if (value.TYPE !== 'Arrow' || !/^\d+$/.test(String(key))) return []
    const next = properties[n + 1]
    return [[value.start.pos, next === undefined ? table.end.pos : next.start.pos - 1] as const]
  })
}

function writeStubs(): void {
  writeFileSync(join(dist, 'package.json'), '{"type":"module"}\n')
  for (const [script, start] of Object.entries(STARTS)) {
    mkdirSync(dirname(join(dist, script)), { recursive: true })
    writeFileSync(join(dist, script), `import { ${start} } from '../lib/index.js'\n\nawait ${start}()\n`)
  }
}

function bin(packageName: string, name: string): string {
  const manifest = require.resolve(`${packageName}/package.json`)
  const { bin: bins } = JSON.parse(readFileSync(manifest, 'utf8'))
  return join(manifest, '..', typeof bins === 'string' ? bins : bins[name])
}

function report(): void {
  let total = 0
  for (const folder of readdirSync(dist).filter(name => statSync(join(dist, name)).isDirectory())) {
    const size = readdirSync(join(dist, folder))
      .filter(name => name.endsWith('.js'))
      .reduce((sum, name) => sum + statSync(join(dist, folder, name)).size, 0)
    if (folder !== 'sandbox') total += size
    console.log(`${String(Math.round(size / 1024)).padStart(6)} KiB  dist/${folder}`)
  }
  console.log(`${String(Math.round(total / 1024)).padStart(6)} KiB  all actions together`)
}

compile()
leaveOutParts()
rmSync(dist, { recursive: true, force: true })
const stats = bundle('actions/entry.js', join(dist, 'lib'))
bundle('packages/sandbox/src/cli.js', join(dist, 'sandbox'))
await minifyAll(join(dist, 'lib'))
await minifyAll(join(dist, 'sandbox'))
writeContents(stats)
writeStubs()
writeFileSync(join(root, SOURCES_FILE), `${hashSources(root)}\n`)
report()
