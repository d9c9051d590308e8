/** Sign-in without a client secret: with a private key, and with GitHub's identity token. */
import { generateKeyPairSync } from 'node:crypto'
import {
  JWT_KEYS,
  type OidcProvider,
  type Sandbox,
  type SandboxOptions,
  seedId
} from '@change-actions/sandbox'
import { afterAll, describe, expect } from '@jest/globals'
import { GITHUB_ISSUER, startIdentityTokens } from '../github/identity-tokens.ts'
import { DEPLOYMENT, onBothApis, SOON, scenario, scenarios, submit } from './harness.ts'

const BARE = { SERVICENOW_CLIENT_ID: '' }
const HOUR_MS = 3_600_000

const KEY = {
  'client-id': 'github-actions-jwt',
  'private-key': JWT_KEYS['sandbox-rsa'] ?? '',
  'key-id': 'sandbox-rsa',
  subject: 'gha.deployer'
}

const github = await startIdentityTokens()
/** Its first response is a failure. */
const late = await startIdentityTokens()
afterAll(async () => {
  await github.stop()
  await late.stop()
})

const ahead = (ms: number): SandboxOptions => ({ now: () => Date.now() + ms })
const signIns = (sandbox: Sandbox) =>
  sandbox.requests.filter(one => one.path === '/oauth_token.do').map(one => one.status)
const users = (sandbox: Sandbox) =>
  new Set(sandbox.requests.filter(one => one.path.startsWith('/api/')).map(one => one.user))

onBothApis(api => {
  const KEYS = {
    'an RSA key': { inputs: KEY },
    'an EC key': {
      inputs: { ...KEY, 'private-key': JWT_KEYS['sandbox-ec'] ?? '', 'key-id': 'sandbox-ec' }
    },
    'a key without its line breaks': {
      inputs: { ...KEY, 'private-key': KEY['private-key'].replaceAll('\n', '\\n') }
    },
    'a key and a client secret': {
      inputs: {
        ...KEY,
        'client-id': 'github-actions-jwt-secret',
        'client-secret': 'sandbox-jwt-secret',
        subject: 'gha.deployer@sandbox.example'
      }
    }
  }
  scenarios('signs in with %s', { api, env: BARE }, KEYS, async ({ sandbox, job }, { inputs }) => {
    const step = await job.pass('create-change', { ...DEPLOYMENT, ...inputs })
    expect(step.outputs.created).toBe('true')
    expect(users(sandbox)).toEqual(new Set(['gha.deployer']))
    expect(signIns(sandbox)).toEqual([200])
  })

  scenario('signs in with a key of the environment', { api, env: BARE }, async world => {
    const env = Object.fromEntries(
      Object.entries(KEY).map(([name, value]) => [
        `SERVICENOW_${name.toUpperCase().replaceAll('-', '_')}`,
        value
      ])
    )
    await world.newJob(env).pass('create-change', DEPLOYMENT)
    expect(signIns(world.sandbox)).toEqual([200])
  })

  const REFUSED = {
    'a key of somebody else': {
      ...KEY,
      'private-key': String(
        generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
          type: 'pkcs8',
          format: 'pem'
        })
      )
    },
    'another key id': { ...KEY, 'key-id': 'sandbox-ec' },
    'another client': { ...KEY, 'client-id': 'somebody' },
    'an unknown subject': { ...KEY, subject: 'nobody' },
    'a client that wants its secret': {
      ...KEY,
      'client-id': 'github-actions-jwt-secret',
      subject: 'gha.deployer@sandbox.example'
    }
  }
  scenarios('refuses %s', { api, env: BARE }, REFUSED, async ({ sandbox, job }, inputs) => {
    const step = await job.fail('create-change', { ...DEPLOYMENT, ...inputs })
    expect(step.error.title).toBe('ServiceNow 401: OAuth sign-in refused')
    expect(step.error.message).toMatch(/`key-id` against the Kid of the JWT verifier map/)
    expect(step.error.message).toContain('is `subject`')
    expect(sandbox.requests.map(one => one.path)).toEqual(['/oauth_token.do'])
  })

  scenario('a token that ends in a wait is renewed by a new assertion', { api, env: BARE }, async world => {
    const { sandbox, job } = world
    const number = await submit(world, KEY)
    const waiting = job.start('wait-approval', { ...SOON, ...KEY })
    await waiting.prints(/waiting for approval/)
    sandbox.revokeTokens()
    sandbox.approve(number)
    expect((await waiting.done).outputs.outcome).toBe('approved')
    // The sandbox takes no assertion twice.
    expect(signIns(sandbox)).toEqual([200, 200, 200])
  })

  const CLOCKS = { ahead: HOUR_MS, behind: -HOUR_MS }
  for (const [where, ms] of Object.entries(CLOCKS))
    scenario(
      `an instance whose clock is an hour ${where} gets an assertion by its clock`,
      { api, env: BARE, sandbox: { ...ahead(ms), clockSkewSeconds: 0 } },
      async ({ sandbox, job }) => {
        await job.pass('create-change', { ...DEPLOYMENT, ...KEY })
        expect(signIns(sandbox)).toEqual(ms > 0 ? [401, 200] : [200])
      }
    )
})

describe("GitHub's identity token", () => {
  const AUDIENCE = { 'oidc-audience': 'servicenow-acme' }
  const provider: OidcProvider = {
    clientId: 'servicenow-acme',
    issuer: GITHUB_ISSUER,
    keys: [...github.keys, ...late.keys],
    userClaim: 'sub',
    userField: 'email'
  }
  const trusting = (sandbox: Sandbox) =>
    sandbox.set('sys_user', seedId('sys_user', 'gha.deployer'), {
      email: 'repo:acme/shop:environment:production'
    })

  onBothApis(api => {
    const setting = (sandbox: SandboxOptions = {}) => ({
      api,
      env: BARE,
      sandbox: { oidcProvider: provider, ...sandbox }
    })
    scenario('signs in, with a token for each request', setting(), async ({ sandbox, newJob }) => {
      trusting(sandbox)
      const step = await newJob(github.env).pass('create-change', { ...DEPLOYMENT, ...AUDIENCE })
      expect(step.outputs.created).toBe('true')
      expect(signIns(sandbox)).toEqual([])
      expect(sandbox.requests.filter(one => one.status === 401)).toHaveLength(1)
    })

    scenario(
      'signs in, with one token where the instance does not verify the jti',
      setting({ verifyJti: false }),
      async ({ sandbox, newJob }) => {
        trusting(sandbox)
        await newJob(github.env).pass('create-change', { ...DEPLOYMENT, ...AUDIENCE })
        expect(sandbox.requests.filter(one => one.status === 401)).toEqual([])
      }
    )

    const REFUSED = {
      'an audience of another instance': { inputs: { 'oidc-audience': 'other' }, sandbox: {} },
      'a job that is no account': { inputs: AUDIENCE, sandbox: { untrusted: true } },
      'a token that has expired by the clock of the instance': {
        inputs: AUDIENCE,
        sandbox: ahead(HOUR_MS)
      }
    }
    for (const [name, { inputs, sandbox: options }] of Object.entries(REFUSED))
      scenario(`refuses ${name}`, setting(options as SandboxOptions), async ({ sandbox, newJob }) => {
        if (!('untrusted' in options)) trusting(sandbox)
        const step = await newJob(github.env).fail('create-change', { ...DEPLOYMENT, ...inputs })
        expect(step.error.title).toBe('ServiceNow 401: credentials refused')
        expect(step.error.message).toMatch(/`oidc-audience` is the Client ID of the OIDC entity/)
        expect(sandbox.rows('change_request')).toEqual([])
      })

    scenario('needs the permission', setting(), async ({ sandbox, job }) => {
      const step = await job.fail('create-change', { ...DEPLOYMENT, ...AUDIENCE })
      expect(step.error.title).toBe('Input error')
      expect(step.error.message).toContain('add `id-token: write` to the `permissions:`')
      expect(sandbox.requests).toEqual([])
    })
  })

  scenario('that cannot be had is an error that says so', { env: BARE }, async ({ sandbox, newJob }) => {
    const refusing = { ...github.env, ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'of-another-job' }
    const step = await newJob(refusing).fail('create-change', { ...DEPLOYMENT, ...AUDIENCE })
    expect(step.error.title).toBe('ServiceNow 401: no identity token from GitHub')
    expect(step.error.message).toContain('id-token: write')
    expect(sandbox.requests).toEqual([])
  })

  scenario(
    'that is late is waited for, and check-connection names the way',
    { env: BARE, sandbox: { oidcProvider: provider } },
    async ({ sandbox, newJob }) => {
      trusting(sandbox)
      late.fail(503, 1)
      const step = await newJob(late.env).pass('check-connection', AUDIENCE)
      expect(step.outputs.report).toContain('accepted: OIDC identity token')
    }
  )
})

scenario(
  'check-connection names the JWT bearer grant, and clocks that differ',
  {
    env: BARE,
    sandbox: ahead(HOUR_MS)
  },
  async ({ job }) => {
    const good = await job.run('check-connection', KEY)
    expect(good.outputs.report).toContain('accepted: OAuth JWT bearer grant')
    const bad = await job.fail('check-connection', { ...KEY, subject: 'nobody' })
    expect(bad.outputs.report).toContain('OAuth JWT bearer grant: ServiceNow 401')
    expect(JSON.parse(bad.outputs.report ?? '').map((one: { check: string }) => one.check)).toContain('Clock')
  }
)
