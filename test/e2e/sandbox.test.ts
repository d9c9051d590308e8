/** The sandbox as an action, by its bundles: a job that has no instance but the one that it starts. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from '@jest/globals'
import { jobEnv, runAction, type StepResult } from '../../demo/runner.mjs'
import { COMPILE_CACHE } from '../compile-cache.ts'
import '../fresh-dist.ts'
import { SHA } from './job.ts'
import { type ActionName, manifestOf } from './manifest.ts'

const TIMEOUT_MS = 60_000

let root: string
let env: Record<string, string>
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sandbox-action-'))
  env = jobEnv({ root, workspace: root, sha: SHA, env: COMPILE_CACHE })
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const node = process.env.ACTION_NODE ?? process.execPath

/** Runs a step with every declared input that has no expression as default, and gives what it exports to the next. */
async function step(action: ActionName, given: Readonly<Record<string, string>> = {}): Promise<StepResult> {
  const { main, inputs: declared } = manifestOf(action)
  const plain = Object.entries(declared).filter(([, value]) => !value.startsWith('${{'))
  const result = await runAction({
    main,
    node,
    cwd: root,
    env,
    inputs: { ...Object.fromEntries(plain), ...given }
  })
  Object.assign(env, result.env)
  return result
}

const post = ({ state }: StepResult) =>
  runAction({ main: join(manifestOf('sandbox').main, '..', 'post.js'), node, cwd: root, env, state })

it(
  'serves the steps that follow, masks its credentials, and is stopped after the job',
  async () => {
    const started = await step('sandbox', { 'approve-after': '0' })
    const { instance = '', ...credentials } = started.outputs
    expect(started.code).toBe(0)
    expect(Object.keys(started.outputs).sort()).toEqual([...manifestOf('sandbox').outputs].sort())
    expect(started.masks).toEqual(
      expect.arrayContaining([credentials.password ?? '', credentials['client-secret'] ?? ''])
    )
    const printed = started.log.replace(/^::add-mask::.*$/gm, '')
    expect(printed).not.toMatch(/deployer-password|sandbox-client-secret/)

    const change = { 'short-description': 'Deploy the shop', 'assignment-group': 'DevOps Team' }
    const created = await step('create-change', { ...change, 'github-token': 'ghs_of-the-job' })
    expect(created.annotations.filter(one => one.kind === 'error')).toEqual([])
    expect(created.outputs['change-url']).toContain(instance)
    const waited = await step('wait-approval', { 'poll-interval': '1', 'github-token': 'ghs_of-the-job' })
    expect(waited.outputs.approved).toBe('true')

    const stopped = await post(started)
    expect(stopped.code).toBe(0)
    expect(stopped.log).toContain('The sandbox is stopped.')
    await expect(fetch(instance)).rejects.toThrow()
  },
  TIMEOUT_MS
)

it(
  'fails with one error when its port is taken, and its post step has nothing to stop',
  async () => {
    const first = await step('sandbox')
    const port = new URL(first.outputs.instance ?? '').port
    const second = await step('sandbox', { port })
    expect(second.code).toBe(1)
    expect(second.annotations).toEqual([
      expect.objectContaining({ kind: 'error', title: 'ServiceNow sandbox: not started' })
    ])
    expect(second.annotations[0]?.message).toMatch(/Port \d+ is in use/)
    expect((await post(second)).code).toBe(0)
    expect((await post(first)).log).toContain('The sandbox is stopped.')
  },
  TIMEOUT_MS
)
