/** The sandbox as others get it: packed, and run by npx in an empty folder, on each Node that it supports. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { parsePolicyText } from '@change-actions/github-actions/policy'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { ROOT } from '../../scripts/action-docs.ts'
import { parserErrors } from '../consistency/workflow-parser.ts'
import { pack, pathWith } from './pack.ts'

const TIMEOUT_MS = 180_000

let folder = ''
let tarball = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pack-'))
  tarball = pack('sandbox', folder)
}, TIMEOUT_MS)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** The Node of the tests, and the one that is first in PATH when it is another version. */
function nodes(): [version: string, path: string][] {
  const own = process.execPath
  const all = [own, '/usr/local/bin/node', '/usr/bin/node'].flatMap((path): [string, string][] => {
    try {
      return [[execFileSync(path, ['--version'], { encoding: 'utf8' }).trim().split('.')[0] ?? '', path]]
    } catch {
      return []
    }
  })
  return [...new Map(all.toReversed()).entries()]
}

/** Arguments of npx. */
const command = (...args: string[]) => ['--yes', '--package', tarball, 'servicenow-sandbox', ...args]

function emptyFolder(): string {
  const place = mkdtempSync(join(folder, 'empty-'))
  writeFileSync(join(place, '.npmrc'), 'audit=false\nfund=false\nupdate-notifier=false\n')
  return place
}

describe.each(nodes())('on Node %s', (_, node) => {
  const options = (cwd: string) => ({
    cwd,
    env: { ...process.env, PATH: pathWith(node), npm_config_cache: join(folder, 'npm-cache') }
  })

  it(
    'starts by npx in an empty folder',
    async () => {
      const child = spawn('npx', command('--port', '0', '--stop-after', '30'), {
        ...options(emptyFolder()),
        detached: true
      })
      const printed: string[] = []
      child.stderr.on('data', chunk => printed.push(String(chunk)))
      let url = ''
      for await (const line of createInterface({ input: child.stdout })) {
        if (line.startsWith('ready ')) url = line.slice('ready '.length)
        if (url !== '') break
      }
      expect([url, printed.join('')]).toEqual([expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/), ''])
      const authorization = `Basic ${btoa('gha.deployer:deployer-password')}`
      const created = await fetch(`${url}/api/now/table/change_request`, {
        method: 'POST',
        headers: { authorization, 'content-type': 'application/json', accept: 'application/json' },
        body: '{"short_description":"Deploy the shop"}'
      })
      expect([created.status, await created.json()]).toMatchObject([
        201,
        { result: { number: 'CHG0030001' } }
      ])
      const closed = once(child, 'close')
      // npx starts a shell, and that the sandbox: the signal goes to all of them.
      process.kill(-(child.pid ?? 0), 'SIGTERM')
      await closed
    },
    TIMEOUT_MS
  )

  it(
    'writes a workflow and a policy with init, that GitHub and the actions take',
    async () => {
      const place = emptyFolder()
      const input = 'acme\noauth\nproduction\nDevOps "A" Team\napp-deployment-template\n'
      execFileSync('npx', command('init'), { ...options(place), input })
      const workflow = readFileSync(join(place, '.github/workflows/change-controlled-deployment.yml'), 'utf8')
      const file = { name: 'deploy.yml', content: workflow, kind: 'workflow' as const }
      expect(parserErrors({ files: [file], reusable: {} })).toEqual([[]])
      // The version of checkout is that of the examples, which is kept up to date.
      const [checkout = ''] = /uses: actions\/checkout@.*/.exec(workflow) ?? []
      expect(readFileSync(join(ROOT, 'examples/standard.yml'), 'utf8')).toContain(checkout)
      const policy = readFileSync(join(place, '.github/servicenow-change.yml'), 'utf8')
      expect(policy).toContain('DevOps \\"A\\" Team')
      expect(await parsePolicyText(policy)).toBeDefined()
    },
    TIMEOUT_MS
  )
})

describe('as a library', () => {
  it(
    'imports with types in an empty project',
    () => {
      const project = join(folder, 'project')
      mkdirSync(project)
      writeFileSync(join(project, 'package.json'), '{"name":"stranger","private":true,"type":"module"}\n')
      const env = { ...process.env, PATH: pathWith(process.execPath) }
      const install = ['install', '--silent', '--no-audit', '--no-fund', '--prefer-offline', tarball]
      execFileSync('npm', install, { cwd: project, env })
      writeFileSync(join(project, 'main.ts'), PROGRAM)
      const compiler = { module: 'nodenext', strict: true, outDir: 'out', types: ['node'] }
      const typeRoots = [join(ROOT, 'node_modules', '@types')]
      const config = { compilerOptions: { ...compiler, typeRoots }, files: ['main.ts'] }
      writeFileSync(join(project, 'tsconfig.json'), JSON.stringify(config))
      const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')
      execFileSync(process.execPath, [tsc, '-p', '.'], { cwd: project, stdio: 'pipe' })
      const printed = execFileSync(process.execPath, ['out/main.js'], { cwd: project, encoding: 'utf8' })
      expect(printed).toBe('200 CHG0030001\n')
    },
    TIMEOUT_MS
  )
})

const PROGRAM = `import { type Sandbox, startSandbox } from '@change-actions/sandbox'

const sandbox: Sandbox = await startSandbox({ approvalDelayMs: 0 })
const sysId = sandbox.insert('change_request', { short_description: 'Deploy the shop' })
const { status } = await fetch(sandbox.url)
console.log([status, sandbox.change(sysId)?.number].join(' '))
await sandbox.stop()
`
