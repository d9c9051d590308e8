import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { parseKeyValueFile } from '../../packages/github-actions/src/testing/runner.ts'
import { withoutMore } from './more-line.ts'

const FIXTURE = join(import.meta.dirname, '../../packages/github-actions/src/testing/step.ts')

interface Result {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  /** Milliseconds from the signal to the end, when one was sent. */
  readonly took: number
}

// Compiling the libraries once for all processes halves the time of this file.
let cache = ''
beforeAll(() => {
  cache = mkdtempSync(join(tmpdir(), 'kit-cache-'))
})
afterAll(() => rmSync(cache, { recursive: true }))

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kit-run-'))
  for (const file of ['output', 'env', 'state', 'summary']) writeFileSync(join(folder, file), '')
})
afterEach(() => rmSync(folder, { recursive: true }))

const fileOf = (name: string): string => readFileSync(join(folder, name), 'utf8')
const outputs = (): Record<string, string> => parseKeyValueFile(fileOf('output'))

function start(scenario: string, env: Record<string, string> = {}): ChildProcess {
  return spawn(process.execPath, ['--no-warnings', FIXTURE, scenario], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      NODE_COMPILE_CACHE: cache,
      'INPUT_SHORT-DESCRIPTION': 'Deploy ::error::x',
      INPUT_PASSWORD: 's3cr3t-1',
      GITHUB_OUTPUT: join(folder, 'output'),
      GITHUB_ENV: join(folder, 'env'),
      GITHUB_STATE: join(folder, 'state'),
      GITHUB_STEP_SUMMARY: join(folder, 'summary'),
      GITHUB_RUN_ID: '7',
      ...env
    }
  })
}

/** Collects what the process prints; sends `signal` once the step says it is ready. */
function finish(child: ChildProcess, signal?: NodeJS.Signals): Promise<Result> {
  let [stdout, stderr, sent] = ['', '', 0]
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
    if (signal !== undefined && sent === 0 && /^ready$/m.test(stdout)) {
      sent = Date.now()
      child.kill(signal)
    }
  })
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', code => resolve({ code, stdout, stderr, took: Date.now() - sent }))
  })
}

const run = (scenario: string, env?: Record<string, string>): Promise<Result> => finish(start(scenario, env))

/** The error annotations. */
function errors({ stdout }: Result): { title: string; message: string }[] {
  return [...stdout.matchAll(/^::error(?: title=([^:]*))?::(.*)$/gm)].map(([, title = '', message = '']) => ({
    title: decodeURIComponent(title),
    message: withoutMore(message.replaceAll('%0A', '\n').replaceAll('%25', '%'))
  }))
}

describe('a step that succeeds', () => {
  it('masks first, then prints, and leaves outputs, environment and summary', async () => {
    const result = await run('success')
    expect(result).toMatchObject({ code: 0, stderr: '' })
    expect(result.stdout.split('\n')).toEqual([
      '::add-mask::s3cr3t-1',
      'title Deploy :\u200b:error:\u200b:x',
      'password ***',
      ''
    ])
    expect(outputs()).toEqual({ outcome: 'error', number: 'N1', list: '[{"a":1}]' })
    expect(parseKeyValueFile(fileOf('env'))).toEqual({ KIT_MADE: 'yes' })
    expect(fileOf('summary')).toBe('## Run 7\n\nThe password is ***\n\n')
  })

  it('prints debug lines only when they are asked for', async () => {
    expect((await run('success', { RUNNER_DEBUG: '1' })).stdout).toContain('::debug::only for debugging')
  })

  it('is over although something keeps the process busy', async () => {
    expect(await run('straggler')).toMatchObject({ code: 0, stdout: expect.stringContaining('done') })
  })

  it('runs on its own, outside of a runner', async () => {
    const none = { GITHUB_OUTPUT: '', GITHUB_ENV: '', GITHUB_STATE: '', GITHUB_STEP_SUMMARY: '' }
    expect(await run('success', none)).toMatchObject({ code: 0, stderr: '' })
    expect(outputs()).toEqual({})
  })

  it('masks and replaces what it learns on the way, and keeps state for the post step', async () => {
    const { stdout, code } = await run('masks', { STATE_earlier: 'seen' })
    expect(code).toBe(0)
    expect(stdout.split('\n').slice(1)).toEqual([
      '::add-mask::token-123',
      '::add-mask::"key": "abcdef",',
      '::warning title=about ***::*** and *** and { stay',
      'state seen',
      ''
    ])
    expect(parseKeyValueFile(fileOf('state'))).toEqual({ kept: 'value' })
  })
})

describe('a step that fails', () => {
  it('puts a problem into words, harmless and without secrets', async () => {
    const result = await run('refused')
    expect(result).toMatchObject({ code: 1, stderr: '' })
    expect(errors(result)).toEqual([
      { title: 'Input error', message: 'no right\n:\u200b:add-mask:\u200b:x for ***' }
    ])
    expect(outputs()).toMatchObject({ number: 'N1' })
    expect(fileOf('summary')).toBe('reached\n\n')
  })

  it('calls any other error a defect, with the stack for debugging only', async () => {
    const env = { GITHUB_ACTION_REPOSITORY: 'acme/kit', GITHUB_SERVER_URL: 'https://github.example' }
    const quiet = await run('defect', env)
    expect(quiet.code).toBe(1)
    expect(errors(quiet)).toEqual([
      {
        title: 'Unexpected error',
        message: expect.stringMatching(
          /^SyntaxError: .*\nThis is a defect .* report it at https:\/\/github\.example\/acme\/kit\/issues$/
        )
      }
    ])
    expect(quiet.stdout).not.toContain('step.ts')
    const { stdout } = await run('defect', { RUNNER_DEBUG: '1' })
    expect(stdout).toMatch(/^::debug::SyntaxError: .*step\.ts/m)
  })

  it('copes with things thrown that are no errors', async () => {
    const result = await run('oddity')
    expect(result.code).toBe(1)
    expect(errors(result)).toEqual([
      { title: 'Unexpected error', message: expect.stringMatching(/^just a word\n/) }
    ])
  })

  it('reports all input problems in one annotation, without running', async () => {
    const env = {
      'INPUT_SHORT-DESCRIPTION': '',
      KIT_PASSWORD: 'other-one',
      INPUT_REUSE: 'other-one',
      INPUT_PASWORD: 'x'
    }
    const result = await run('success', env)
    expect(result.code).toBe(1)
    expect(errors(result)).toEqual([
      {
        title: 'Input error',
        message: [
          '`short-description` is required',
          '`reuse` must be `true` or `false`, not `***`',
          '`pasword` is not an input; did you mean `password`? Correct the line under `with:`. If INPUT_PASWORD is a variable set under `env:` or through GITHUB_ENV instead, rename it: it is never read as an input'
        ].join('\n')
      }
    ])
    expect(result.stdout).toContain('::add-mask::other-one\n')
    expect(outputs()).toEqual({ outcome: 'error' })
  })

  it('applies the rules across inputs, and warns of unknown ones', async () => {
    const result = await run('success', { 'INPUT_SHORT-DESCRIPTION': 'ruled out', INPUT_COLOUR: 'red' })
    expect(errors(result)).toEqual([{ title: 'Input error', message: 'This title is ruled out' }])
    expect(result.stdout).toContain('::warning::`colour` is not an input and is ignored\n')
  })

  it.each([
    ['dry', /^the step ended before its work was done/],
    ['leaves', /^the step ended before its work was done/],
    ['exception', /^thrown aside\n/]
  ])('%s: never looks like success', async (scenario, message) => {
    const result = await run(scenario)
    expect(result.code).toBe(1)
    expect(errors(result)).toEqual([{ title: 'Unexpected error', message: expect.stringMatching(message) }])
    if (scenario === 'leaves') expect(fileOf('summary')).toBe('reached\n\n')
  })

  it('ends on a rejection that nobody handles', async () => {
    const result = await run('rejection')
    expect(result.code).toBe(1)
    expect(errors(result)).toEqual([{ title: 'Input error', message: 'rejected aside' }])
  })

  it('reports the first of two errors that come at once', async () => {
    const result = await run('rejections')
    expect(result.code).toBe(1)
    expect(errors(result)).toEqual([
      { title: 'Unexpected error', message: expect.stringMatching(/^the first\n/) }
    ])
    expect(fileOf('summary')).toMatch(/^## Two at once/)
  })

  it('reports an error although the process is told to end before the texts are there', async () => {
    const result = await run('gone')
    expect(result.code).toBe(1)
    expect(errors(result)).toEqual([
      { title: 'Unexpected error', message: expect.stringMatching(/^the reason\n/) }
    ])
  })

  it('loses nothing of a long log when the reader is slow', async () => {
    const child = start('flood')
    // Nobody reads yet: the pipe fills up while the step goes on to its end.
    if (child.stderr) await once(child.stderr, 'data')
    const result = await finish(child)
    expect(result.code).toBe(1)
    expect(result.stdout.length).toBeGreaterThan(3_000_000)
    expect(result.stdout).toMatch(/::error title=Input error::the end of it%0AMore: [^\n]*#input\n$/)
  })
})

describe('what lies under the inputs', () => {
  const LAYERS = { KIT_LAYERS: 'values', 'INPUT_SHORT-DESCRIPTION': '', INPUT_POLICY_FILE: 'p.yml' }

  it('gives values, and a policy', async () => {
    const { stdout } = await run('success', { ...LAYERS, RUNNER_DEBUG: '1' })
    expect(stdout).toContain('title from p.yml\na title from policy\n')
    expect(stdout).toContain('::debug::reuse: false (from the policy policy.yml, defaults)\n')
    expect(stdout).toContain('::debug::password (from the input)\n')
  })

  it('may be wrong, which is told with what is wrong with the inputs', async () => {
    const wrong = { ...LAYERS, KIT_LAYERS: 'wrong', INPUT_REUSE: 'perhaps', INPUT_PASWORD: 'x' }
    const [error] = errors(await run('success', wrong))
    expect(error?.message.split('\n')).toEqual([
      '`reuse` must be `true` or `false`, not `perhaps`',
      'policy.yml:1:1: broken',
      expect.stringMatching(/^`pasword` is not an input/)
    ])
  })

  it('may have no use for a name given twice', async () => {
    const result = await run('success', { ...LAYERS, 'INPUT_POLICY-FILE': 'other.yml' })
    expect(errors(result)).toEqual([
      {
        title: 'Input error',
        message: '`policy-file` is given as `policy_file` too, with another value: give one of them'
      }
    ])
  })
})

describe('a step that has nothing to do', () => {
  const DONE = { KIT_LAYERS: 'done', 'INPUT_SHORT-DESCRIPTION': '', INPUT_REUSE: 'perhaps' }

  it('says so, and reads no inputs', async () => {
    const result = await run('success', { ...DONE, INPUT_COLOUR: 'red' })
    expect(result).toMatchObject({ code: 0, stderr: '' })
    expect(result.stdout.split('\n')).toEqual([
      '::add-mask::s3cr3t-1',
      '::warning::`colour` is not an input and is ignored',
      'nothing to do, says undefined',
      ''
    ])
  })

  it('does not think so because of a name that is misspelt', async () => {
    const result = await run('success', { ...DONE, 'INPUT_POLCY-FIEL': 'strict.yml' })
    expect(result.code).toBe(1)
    expect(result.stdout).not.toContain('nothing to do')
    expect(errors(result)).toEqual([
      { title: 'Input error', message: expect.stringContaining('did you mean `policy-file`?') }
    ])
  })
})

describe('a step that reads some of the inputs', () => {
  it('leaves the names of the others to the step that reads all', async () => {
    const result = await run('success', { KIT_PARTIAL: '1', INPUT_PASWORD: 'x', INPUT_COLOUR: 'red' })
    expect(result).toMatchObject({ code: 0, stdout: expect.not.stringContaining('colour') })
  })

  it('may go on in its own way when they are wrong', async () => {
    const result = await run('success', { KIT_REFUSED: '1', INPUT_REUSE: 'perhaps' })
    expect(result.code).toBe(0)
    expect(result.stdout).toContain('::warning::refused: `reuse` must be `true` or `false`, not `perhaps`\n')
    expect(result.stdout).not.toContain('title')
  })
})

describe('a step that is cancelled', () => {
  it.each<NodeJS.Signals>(['SIGINT', 'SIGTERM'])('%s: has its say and is gone', async signal => {
    const result = await finish(start('interrupted'), signal)
    expect(result).toMatchObject({ code: 130, stderr: '' })
    expect(result.took).toBeLessThan(2000)
    expect(result.stdout.split('\n').slice(1)).toEqual([
      'ready',
      'aborted',
      `Interrupted by ${signal}; the step ends here.`,
      ''
    ])
    expect(outputs()).toEqual({ outcome: 'interrupted' })
    expect(fileOf('summary')).toBe('interrupted Deploy :\u200b:error:\u200b:x\n\n')
  })

  it('keeps the exit code of its end when the signal comes after it', async () => {
    const result = await finish(start('late'), 'SIGTERM')
    expect(result.code).toBe(0)
    expect(result.stdout).toContain('left with 0\n')
  })
})
