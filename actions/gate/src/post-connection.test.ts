/** With what the post step signs in, and where: other steps of the job may have set variables and replaced files. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from '@jest/globals'
import { CERTIFICATE, OTHER_CERTIFICATE } from '../../../packages/github-actions/src/testing/certificates.ts'
import { startGateway } from '../../testing/gateway.ts'
import { inWorld, type Performed, type World } from '../../testing/perform.ts'
import { NOTHING_SAVED, performPost } from '../../testing/perform-post.ts'
import { definition } from './main.ts'

const STANDARD = { environment: 'production', 'standard-change-template': 'app-deployment-template' }
const LOGIN = { 'client-id': 'github-actions', 'client-secret': 'sandbox-client-secret' }
const IMPLEMENT = '-1'
const CLOSED = '3'
const LEFT = /nothing was sent[\s\S]*Manual action required: close CHG\d+/

const folder = mkdtempSync(join(tmpdir(), 'post-'))
afterAll(() => rmSync(folder, { recursive: true }))

const stateOf = ({ sandbox }: World, { outputs }: Performed) =>
  sandbox.change(outputs['change-number'] ?? '')?.state

/** A post step in an environment that has changed: it must send nothing, and say so. */
async function expectNothingSent(
  world: World,
  main: Performed,
  env: Record<string, string>
): Promise<Performed> {
  const before = world.sandbox.requests.length
  const step = await performPost(world, main, 'success', { env })
  expect(step.failure).toBeUndefined()
  expect(step.errors).toEqual([{ title: 'Input error', text: expect.stringMatching(LEFT) }])
  expect(world.sandbox.requests).toHaveLength(before)
  expect(stateOf(world, main)).toBe(IMPLEMENT)
  return step
}

describe('the instance', () => {
  it('is that of the main step; another one in the environment is a warning', () =>
    inWorld({}, async world => {
      const other = await startGateway(world.sandbox.url, '')
      const main = await world.perform(definition, { inputs: STANDARD })
      const step = await performPost(world, main, 'success', { env: { SERVICENOW_INSTANCE: other.url } })
      await other.close()
      expect(other.requests).toEqual([])
      expect(step.errors).toEqual([])
      expect(step.warnings).toEqual([
        `SERVICENOW_INSTANCE is now ${other.url}, and was not when the gate was opened. It is not used: the change is finished at ${world.sandbox.url}.`
      ])
      expect(stateOf(world, main)).toBe(CLOSED)
    }))

  it('that the environment names beside inputs was never used, and is no news', () =>
    inWorld({}, async world => {
      const inputs = { ...STANDARD, ...LOGIN, instance: world.sandbox.url }
      const env = { SERVICENOW_INSTANCE: 'https://other.example' }
      const main = await world.perform(definition, { inputs, env })
      const step = await performPost(world, main, 'success', { inputs, env })
      expect([...step.errors, ...step.warnings]).toEqual([])
      expect(stateOf(world, main)).toBe(CLOSED)
    }))
})

describe('the credentials', () => {
  it('are in the saved state as hashes, other ones each time', () =>
    inWorld({}, async world => {
      const main = await world.perform(definition, { inputs: STANDARD })
      const again = await world.perform(definition, { inputs: { ...STANDARD, version: 'v2' } })
      expect(main.state.gate).not.toContain('sandbox-client-secret')
      expect(main.state.gate?.length).toBeLessThan(32 * 1024)
      const [one, other] = [main, again].map(({ state }) => JSON.parse(state.gate ?? '').connection.hashes)
      expect(one).toEqual({
        clientId: expect.stringMatching(/^[0-9a-f]{64}$/),
        clientSecret: expect.stringMatching(/^[0-9a-f]{64}$/)
      })
      expect(other.clientSecret).not.toBe(one.clientSecret)
    }))

  it('that are others than those of the main step are not sent', () =>
    inWorld({}, async world => {
      const main = await world.perform(definition, { inputs: STANDARD })
      const step = await expectNothingSent(world, main, { SERVICENOW_CLIENT_SECRET: 'wrong-secret' })
      expect(step.errors[0]?.text).toMatch(/^SERVICENOW_CLIENT_SECRET is another one than when the gate/)
    }))

  it('that are gone are named', () =>
    inWorld({}, async world => {
      const main = await world.perform(definition, { inputs: STANDARD })
      const step = await expectNothingSent(world, main, { SERVICENOW_CLIENT_SECRET: '' })
      expect(step.errors[0]?.text).toMatch(/^`client-secret` is missing/)
    }))

  it('that the main step had not are not used', () =>
    inWorld({}, async world => {
      const main = await world.perform(definition, { inputs: STANDARD })
      const env = {
        SERVICENOW_USERNAME: 'dora.devops',
        SERVICENOW_PASSWORD: 'dora-password',
        SERVICENOW_TOKEN: 'evil-token',
        SERVICENOW_CA_CERTIFICATE: OTHER_CERTIFICATE,
        SERVICENOW_API_PATH: '/evil'
      }
      const step = await performPost(world, main, 'success', { env })
      expect(step.errors).toEqual([])
      expect(stateOf(world, main)).toBe(CLOSED)
      expect(world.sandbox.requests.filter(({ path }) => path.includes('evil'))).toEqual([])
    }))
})

describe('certificates', () => {
  const file = join(folder, 'ca.pem')

  it('whose file was replaced are not trusted', () =>
    inWorld({}, async world => {
      writeFileSync(file, CERTIFICATE)
      const env = { SERVICENOW_CA_CERTIFICATE: file }
      const main = await world.perform(definition, { inputs: STANDARD, env })
      writeFileSync(file, OTHER_CERTIFICATE)
      const step = await expectNothingSent(world, main, env)
      expect(step.errors[0]?.text).toMatch(/^SERVICENOW_CA_CERTIFICATE is another one/)
      writeFileSync(file, CERTIFICATE)
      expect((await performPost(world, main, 'success', { env })).errors).toEqual([])
    }))

  it.each<[string, Record<string, string>]>([
    ['NODE_EXTRA_CA_CERTS', { NODE_EXTRA_CA_CERTS: file }],
    ['the certificates of the system', { NODE_USE_SYSTEM_CA: '1', SSL_CERT_FILE: file }],
    ['an option of Node', { NODE_OPTIONS: '--use-openssl-ca' }]
  ])('by %s since the main step: nothing is sent', (_, env) =>
    inWorld({}, async world => {
      writeFileSync(file, OTHER_CERTIFICATE)
      const main = await world.perform(definition, { inputs: STANDARD })
      const step = await expectNothingSent(world, main, env)
      expect(step.errors[0]?.text).toMatch(/^NODE_EXTRA_CA_CERTS, or what else/)
      const trusted = await world.perform(definition, { inputs: { ...STANDARD, version: 'v2' }, env })
      expect((await performPost(world, trusted, 'success', { env })).errors).toEqual([])
    })
  )

  it('that are not checked any more: nothing is sent', () =>
    inWorld({}, async world => {
      const main = await world.perform(definition, { inputs: STANDARD })
      const before = world.sandbox.requests.length
      const step = await performPost(world, main, 'success', { env: { NODE_TLS_REJECT_UNAUTHORIZED: '0' } })
      expect(step.errors[0]?.text).toMatch(/^NODE_TLS_REJECT_UNAUTHORIZED=0 is set[\s\S]*Manual action/)
      expect(world.sandbox.requests).toHaveLength(before)
    }))
})

describe('state that another step of the job made up', () => {
  it('has no effect where the main step saved its own, however it ended', () =>
    inWorld({}, async ({ perform }) => {
      const refused = await perform(definition, { inputs: { ...STANDARD, timeout: 'soon' } })
      expect(refused.failure?.title).toBe('Input error')
      expect(refused.state).toEqual(NOTHING_SAVED)
    }))

  it('sends nothing where it does not hold the hashes of the credentials', () =>
    inWorld({}, async world => {
      const { sysId, number } = world.plant({ state: '-5' })
      const change = { sysId, number, created: true, supplied: false, phase: 'before', times: [] }
      const main = await world.perform(definition, { inputs: STANDARD })
      const { inputs, connection } = JSON.parse(main.state.gate ?? '')
      const before = world.sandbox.requests.length
      for (const hashes of [{}, { clientSecret: '0'.repeat(64) }]) {
        const forged = { version: 3, inputs, change, connection: { ...connection, hashes } }
        const state = { gate: JSON.stringify(forged) }
        const step = await performPost(world, { state }, 'cancelled')
        expect(step.errors).toHaveLength(1)
        expect(step.errors[0]?.text).toMatch(/nothing was sent|No credentials are given/)
      }
      expect(world.sandbox.requests).toHaveLength(before)
      expect(world.sandbox.change(number)?.state).toBe('-5')
    }))
})

it('inputs that the runner could not hand over to the post step are refused at once', () =>
  inWorld({}, async ({ sandbox, perform }) => {
    const inputs = { ...STANDARD, 'may-skip': 'a-job-of-many\n'.repeat(3_000) }
    const step = await perform(definition, { inputs })
    expect(step.failure).toEqual({
      title: 'Input error',
      text: expect.stringMatching(/^`may-skip` is too long/)
    })
    expect(sandbox.requests).toEqual([])
  }))
