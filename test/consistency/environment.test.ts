/** What the environment of a job can do to a step: name the connection, and where telemetry goes; nothing else. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fieldsOf, type Shape, type StepDefinition } from '@change-actions/github-actions'
import { describe, expect, it } from '@jest/globals'
import { inWorld } from '../../actions/testing/perform.ts'
import { ROOT } from '../../scripts/action-docs.ts'
import { DEFINITIONS } from './definitions.ts'

/** By the contract of the inputs. */
const ENVIRONMENT = [
  'SERVICENOW_INSTANCE',
  'SERVICENOW_API_PATH',
  'SERVICENOW_API',
  'SERVICENOW_CLIENT_ID',
  'SERVICENOW_CLIENT_SECRET',
  'SERVICENOW_USERNAME',
  'SERVICENOW_PASSWORD',
  'SERVICENOW_TOKEN',
  'SERVICENOW_API_KEY',
  'SERVICENOW_PRIVATE_KEY',
  'SERVICENOW_KEY_ID',
  'SERVICENOW_SUBJECT',
  'SERVICENOW_CLIENT_CERTIFICATE',
  'SERVICENOW_CLIENT_KEY',
  'SERVICENOW_CLIENT_KEY_PASSPHRASE',
  'SERVICENOW_CA_CERTIFICATE',
  'SERVICENOW_BINDING_KEY',
  'SERVICENOW_SIGNING_SECRET'
]

/** The names of the job's changes, which later steps read. */
const OF_THE_JOB = ['SERVICENOW_CHANGE_SYS_ID', 'SERVICENOW_CHANGE_NUMBER']

/** Where `process.env` is read: the files of the runner, proxies, saved state. */
const READERS = [
  'actions/gate/src/post.ts',
  'packages/github-actions/src/outputs.ts',
  // Where Windows has its libraries: git does not start without.
  'packages/github-actions/src/policy/git-objects.ts',
  'packages/github-actions/src/step/runtime.ts',
  'packages/github-actions/src/step/tools.ts',
  'packages/servicenow-client/src/http/proxy.ts'
]

/** What may start a program. */
const STARTERS = /^(?:packages\/github-actions\/src\/policy\/|actions\/sandbox\/src\/process\.ts$)/

describe.each(Object.entries(DEFINITIONS))('%s', (name, definition) => {
  it('takes nothing but the connection from variables', () => {
    const variables = fieldsOf(definition.inputs).flatMap(({ meta }) => meta.env ?? [])
    expect(variables.filter(name => !ENVIRONMENT.includes(name))).toEqual([])
  })

  // The sandbox is an instance, and sends nothing to any.
  if (name === 'sandbox') return

  it('sends nothing while Node is told to trust every certificate', () =>
    inWorld({}, async ({ sandbox, perform }) => {
      const env = { NODE_TLS_REJECT_UNAUTHORIZED: '0' }
      const step = await perform(definition as unknown as StepDefinition<Shape>, { env })
      expect(step.failure).toEqual({
        title: 'Input error',
        text: expect.stringMatching(/^NODE_TLS_REJECT_UNAUTHORIZED=0 is set/m)
      })
      expect(sandbox.requests).toEqual([])
    }))
})

/** Sources of what runs in a step, tests and the sandbox apart. */
function sources(): string[] {
  return ['packages', 'actions'].flatMap(folder =>
    readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile() && /^(?!.*(?:\.test|simulation)\.ts$).*\.ts$/.test(entry.name))
      .map(entry => relative(ROOT, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
      .filter(path => /\/src\//.test(path) && !/node_modules|\/testing\/|^packages\/sandbox\//.test(path))
  )
}

describe('the sources', () => {
  const texts = sources().map(path => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }))

  it('are found', () => expect(texts.length).toBeGreaterThan(200))

  it('read process.env in few places', () => {
    const readers = texts.filter(({ text }) => /\bprocess\.env\b|\benv\b[^=]*} = process/.test(text))
    expect(readers.map(({ path }) => path).filter(path => !READERS.includes(path))).toEqual([])
  })

  it('name no variable of ours that is not in the list', () => {
    const named = texts.flatMap(
      ({ text }) => text.match(/(?<=')SERVICENOW_[A-Z_]+(?=')|(?<=env\.)SERVICENOW_[A-Z_]+/g) ?? []
    )
    const known = [...ENVIRONMENT, ...OF_THE_JOB]
    expect([...new Set(named)].filter(name => !known.includes(name))).toEqual([])
  })

  it('read the variables of OpenTelemetry where telemetry is made, which steers nothing', () => {
    const named = texts
      .filter(({ text }) => /\bOTEL_[A-Z]|\bTRACEPARENT\b/.test(text))
      .map(({ path }) => path)
    expect(named.length).toBeGreaterThan(0)
    expect(named.filter(path => !/^packages\/(?:github-actions\/src\/)?telemetry\//.test(path))).toEqual([])
  })

  it('start no other program, apart from the git that reads the policy and the sandbox', () => {
    const starters = texts.filter(({ text }) => /child_process/.test(text)).map(({ path }) => path)
    expect(starters.filter(path => !STARTERS.test(path))).toEqual([])
  })
})
