import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { afterEach, beforeEach, expect, it } from '@jest/globals'
import { init } from './init.ts'
import { POLICY_FILE, WORKFLOW_FILE } from './starter.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'init-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

async function answered(...answers: string[]): Promise<string> {
  let printed = ''
  await init({
    folder,
    input: Readable.from(answers.map(answer => `${answer}\n`)),
    print: text => {
      printed += text
    }
  })
  return printed
}

const written = (file: string) => readFileSync(join(folder, file), 'utf8')

it('asks five questions and writes a workflow and a policy', async () => {
  const printed = await answered('acme', '', '', 'DevOps Team', '')
  expect(printed.match(/: (?=\S)/g)?.length).toBeGreaterThanOrEqual(5)
  expect(written(WORKFLOW_FILE)).toContain('client-secret: ${{ secrets.SERVICENOW_CLIENT_SECRET }}')
  expect(written(WORKFLOW_FILE)).toContain('environment: "production"')
  expect(written(POLICY_FILE)).toContain('assignment-group: "DevOps Team"')
  expect(written(POLICY_FILE)).toContain('timeout: 4h')
  expect(printed).toContain("gh variable set SERVICENOW_INSTANCE --env 'production' --body acme")
  expect(printed).toContain("gh secret set SERVICENOW_CLIENT_SECRET --env 'production'")
})

it('writes a standard change, and a sign-in by user name', async () => {
  await answered('https://change.acme.example', 'basic', 'live "eu"', 'Team', 'app-deployment-template')
  expect(written(WORKFLOW_FILE)).toContain('password: ${{ secrets.SERVICENOW_PASSWORD }}')
  expect(written(WORKFLOW_FILE)).not.toContain('CLIENT')
  expect(written(POLICY_FILE)).toContain(
    '  "live \\"eu\\"":\n    standard-change-template: "app-deployment-template"\n'
  )
})

it('asks again where an answer cannot be right', async () => {
  const printed = await answered('http://x/y', 'acme', 'token', 'oauth', 'a ${{ b }}', 'test', '', 'Team', '')
  expect(printed.match(/Not accepted/g)).toHaveLength(4)
  expect(written(POLICY_FILE)).toContain('"test":')
})

it.each([WORKFLOW_FILE, POLICY_FILE])('overwrites nothing: %s', async file => {
  mkdirSync(dirname(join(folder, file)), { recursive: true })
  writeFileSync(join(folder, file), 'mine')
  await expect(answered('acme', '', '', 'Team', '')).rejects.toThrow(
    `${file} exists, and nothing was written. Fix:`
  )
  expect(written(file)).toBe('mine')
  expect(existsSync(join(folder, file === POLICY_FILE ? WORKFLOW_FILE : POLICY_FILE))).toBe(false)
})

it('writes nothing when answers are missing', async () => {
  await expect(answered('acme', '')).rejects.toThrow('Nothing was written')
  expect(existsSync(join(folder, '.github'))).toBe(false)
})
