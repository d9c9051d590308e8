/** The client as a stranger gets it: packed, installed in an empty project, imported with types. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ACCOUNTS, startSandbox } from '@change-actions/sandbox'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { ROOT } from '../../scripts/action-docs.ts'
import { pack, run } from './pack.ts'

const NAME = 'servicenow-client'
const TIMEOUT_MS = 120_000

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pack-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const PROGRAM = `import { type Change, createClient, Problem, Query } from '@change-actions/servicenow-client'

const [instance = '', username = '', password = '', sysId = ''] = process.argv.slice(2)
const client = createClient({
  instance,
  api: 'change-management',
  credentials: { scheme: 'basic', username, password },
  userAgent: 'a-stranger/1',
  requestTimeoutMs: 10_000,
  maxRetries: 0,
  now: () => Date.now(),
  sleep: async ms => void ms,
  random: Math.random
})
const change: Change = await client.changes.get(sysId)
const found = await client.changes.find(new Query().is('number', change.number), 'looking for it again')
const problem: unknown = await client.changes.get('0'.repeat(32)).catch((error: unknown) => error)
const code = problem instanceof Problem ? problem.code : 'none'
console.log([change.number, change.stateLabel, found.length, code].join(' '))
await client.close()
`

it(
  'imports with types in an empty project, and reads a change',
  async () => {
    const project = join(folder, 'project')
    mkdirSync(project)
    writeFileSync(join(project, 'package.json'), '{"name":"stranger","private":true,"type":"module"}\n')
    run(
      'npm',
      ['install', '--silent', '--no-audit', '--no-fund', '--prefer-offline', pack(NAME, folder)],
      project
    )
    writeFileSync(join(project, 'main.ts'), PROGRAM)
    const options = { module: 'nodenext', strict: true, outDir: 'out', types: ['node'] }
    const typeRoots = [join(ROOT, 'node_modules', '@types')]
    writeFileSync(
      join(project, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: { ...options, typeRoots }, files: ['main.ts'] })
    )
    run(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', '.'], project)
    const sandbox = await startSandbox()
    try {
      const sysId = sandbox.insert('change_request', { short_description: 'Deploy the shop' })
      const admin = ACCOUNTS.find(account => account.userName === 'admin')
      const args = ['out/main.js', sandbox.url, 'admin', admin?.password ?? '', sysId]
      const number = sandbox.change(sysId)?.number ?? ''
      // Not in the way of the sandbox, which runs in this process.
      const { execFile } = await import('node:child_process')
      const printed = await new Promise<string>((resolve, reject) =>
        execFile(process.execPath, args, { cwd: project }, (error, stdout, stderr) =>
          error === null ? resolve(stdout) : reject(new Error(stderr))
        )
      )
      expect(printed).toBe(`${number} New 1 not-found\n`)
    } finally {
      await sandbox.stop()
    }
  },
  TIMEOUT_MS
)
