/** Every way to sign in, every way to be refused, and accounts that may do too little. */

import { type Sandbox, seedId } from '@change-actions/sandbox'
import { expect } from '@jest/globals'
import { DEPLOYMENT, onBothApis, SOON, scenario, scenarios, submit, writes } from './harness.ts'

const OAUTH = { 'client-id': 'github-actions', 'client-secret': 'sandbox-client-secret' }
const BASIC = { username: 'gha.deployer', password: 'deployer-password' }

/** Jobs without credentials of their own: each scenario gives them. */
const BARE = { SERVICENOW_CLIENT_ID: '' }

async function freshToken(sandbox: Sandbox): Promise<string> {
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: OAUTH['client-id'],
    client_secret: OAUTH['client-secret']
  })
  const response = await fetch(`${sandbox.url}/oauth_token.do`, { method: 'POST', body: form })
  return ((await response.json()) as { access_token: string }).access_token
}

const users = (sandbox: Sandbox) =>
  new Set(sandbox.requests.filter(one => one.path !== '/oauth_token.do').map(one => one.user))

const signIns = (sandbox: Sandbox) => sandbox.requests.filter(one => one.path === '/oauth_token.do').length

onBothApis(api => {
  const SCHEMES = {
    'OAuth client credentials': { inputs: OAUTH, signIns: 1 },
    'OAuth password grant': { inputs: { ...OAUTH, ...BASIC }, signIns: 1 },
    Basic: { inputs: BASIC, signIns: 0 },
    'an API key': { inputs: { 'api-key': 'sandbox-api-key' }, signIns: 0 }
  }
  scenarios('signs in with %s', { api, env: BARE }, SCHEMES, async ({ sandbox, job }, scheme) => {
    const step = await job.pass('create-change', { ...DEPLOYMENT, ...scheme.inputs })
    expect(step.outputs.created).toBe('true')
    expect(users(sandbox)).toEqual(new Set(['gha.deployer']))
    expect(signIns(sandbox)).toBe(scheme.signIns)
  })

  scenarios('the same from the environment: %s', { api, env: BARE }, SCHEMES, async (world, scheme) => {
    const env = Object.fromEntries(
      Object.entries(scheme.inputs).map(([name, value]) => [
        `SERVICENOW_${name.toUpperCase().replaceAll('-', '_')}`,
        value
      ])
    )
    await world.newJob(env).pass('create-change', DEPLOYMENT)
    expect(signIns(world.sandbox)).toBe(scheme.signIns)
  })

  scenario('signs in with a bearer token', { api, env: BARE }, async ({ sandbox, job }) => {
    const token = await freshToken(sandbox)
    await job.pass('create-change', { ...DEPLOYMENT, token })
    expect(users(sandbox)).toEqual(new Set(['gha.deployer']))
    expect(signIns(sandbox)).toBe(1)
  })

  scenario('inputs replace the credentials of the environment as a whole set', { api }, async world => {
    await world.job.pass('create-change', { ...DEPLOYMENT, ...BASIC })
    expect(signIns(world.sandbox)).toBe(0)
  })

  const REFUSED = {
    'a wrong client secret': {
      inputs: { ...OAUTH, 'client-secret': 'not-the-secret' },
      title: 'ServiceNow 401: OAuth sign-in refused',
      fix: /check `client-id` and `client-secret`/
    },
    'an unknown client': {
      inputs: { ...OAUTH, 'client-id': 'nobody' },
      title: 'ServiceNow 401: OAuth sign-in refused',
      fix: /check `client-id` and `client-secret`/
    },
    'a wrong password in the password grant': {
      inputs: { ...OAUTH, ...BASIC, password: 'not-the-password' },
      title: 'ServiceNow 401: OAuth sign-in refused',
      fix: /password grant check `username` and `password`/
    },
    'a wrong password': {
      inputs: { ...BASIC, password: 'not-the-password' },
      title: 'ServiceNow 401: credentials refused',
      fix: /password/
    },
    'an account that has left': {
      inputs: { username: 'lea.leaver', password: 'lea-password' },
      title: 'ServiceNow 401: credentials refused',
      fix: /active account/
    },
    'a token nobody issued': {
      inputs: { token: 'made-up-token' },
      title: 'ServiceNow 401: credentials refused',
      fix: /token/
    },
    'a wrong API key': {
      inputs: { 'api-key': 'made-up-api-key' },
      title: 'ServiceNow 401: credentials refused',
      fix: /API key.*access policy/
    }
  }
  scenarios('refuses %s', { api, env: BARE }, REFUSED, async ({ sandbox, job }, { inputs, title, fix }) => {
    const step = await job.fail('create-change', { ...DEPLOYMENT, ...inputs })
    expect(step.error.title).toBe(title)
    expect(step.error.message).toMatch(fix)
    expect(step.outputs).toMatchObject({ created: 'false' })
    expect(step.outputs['change-number'] ?? '').toBe('')
    expect(sandbox.rows('change_request')).toEqual([])
    // Wrong credentials do not get right by trying again, and trying locks accounts.
    expect(sandbox.requests.length).toBeLessThanOrEqual(4)
  })

  scenarios('a locked account: %s', { api, env: BARE }, SCHEMES, async ({ sandbox, job }, scheme) => {
    sandbox.set('sys_user', seedId('sys_user', 'gha.deployer'), { locked_out: 'true' })
    const step = await job.fail('create-change', { ...DEPLOYMENT, ...scheme.inputs })
    const oauth = scheme.signIns > 0
    expect(step.error.title).toBe(`ServiceNow 401: ${oauth ? 'OAuth sign-in' : 'credentials'} refused`)
    expect(step.error.message).toContain('locked')
  })

  scenario(
    'the client credentials grant is switched off',
    {
      api,
      sandbox: { clientCredentials: false }
    },
    async ({ job }) => {
      const step = await job.fail('create-change', DEPLOYMENT)
      expect(step.error.title).toBe('ServiceNow 401: OAuth sign-in refused')
      expect(step.error.message).toContain('glide.oauth.inbound.client.credential.grant_type.enabled')
    }
  )

  scenario(
    'the password grant is switched off',
    {
      api,
      sandbox: { passwordGrant: false },
      env: BARE
    },
    async ({ job }) => {
      const step = await job.fail('create-change', { ...DEPLOYMENT, ...OAUTH, ...BASIC })
      expect(step.error.title).toBe('ServiceNow 401: OAuth sign-in refused')
      expect(step.error.message).toContain('grant is switched off')
    }
  )

  scenario('a token that ends in the middle of a wait is renewed', { api }, async world => {
    const { sandbox, job } = world
    const number = await submit(world)
    const waiting = job.start('wait-approval', SOON)
    await waiting.prints(/waiting for approval/)
    sandbox.revokeTokens()
    sandbox.approve(number)
    expect((await waiting.done).outputs.outcome).toBe('approved')
  })

  scenario('wrong credentials end a wait at once', { api, env: BARE }, async ({ job, plant }) => {
    const { number } = plant({ state: '-3', approval: 'requested' })
    const inputs = { ...SOON, ...BASIC, password: 'not-the-password', 'change-number': number }
    const step = await job.fail('wait-approval', inputs)
    expect(step.error.title).toBe('ServiceNow 401: credentials refused')
    expect(step.outputs).toMatchObject({ outcome: 'error', approved: 'false' })
  })

  const POWERLESS = {
    'without any role': { username: 'no.roles', password: 'no-roles-password' },
    'that may only read': { username: 'gha.reader', password: 'reader-password' }
  }
  scenarios('an account %s creates nothing', { api, env: BARE }, POWERLESS, async ({ sandbox, job }, who) => {
    const step = await job.fail('create-change', { ...DEPLOYMENT, ...who })
    expect(step.error.title).toBe('ServiceNow 403: permission missing')
    expect(step.error.message).toContain('sn_change_write')
    expect(sandbox.rows('change_request')).toEqual([])
  })

  scenario('an account that may only read moves nothing', { api, env: BARE }, async world => {
    const { sandbox, job, plant } = world
    const { number } = plant({ state: '-2', approval: 'approved' })
    const reader = POWERLESS['that may only read']
    const named = { 'change-number': number, ...reader }
    const moved = await job.fail('update-change', { ...named, state: 'implement' })
    expect(moved.error.title).toMatch(/permission missing|did not leave Scheduled/)
    expect(moved.error.message).toContain('sn_change_write')
    expect(moved.outputs).toMatchObject({ changed: 'false', 'change-state': 'scheduled' })
    const noted = await job.fail('update-change', { ...named, 'work-notes': 'Deployed.' })
    expect(noted.error.message).toMatch(/sn_change_write|write access to work_notes/)
    expect(sandbox.change(number)?.state).toBe('-2')
    expect(sandbox.journal(number)).toEqual([])
    const read = await job.pass('wait-approval', { ...SOON, ...named })
    expect(read.outputs.outcome).toBe('approved')
  })

  scenario('evidence needs the right to write', { api, env: BARE }, async ({ sandbox, job, plant }) => {
    const { number } = plant()
    job.file('log.txt', 'deployed\n')
    const reader = POWERLESS['that may only read']
    const step = await job.fail('attach-evidence', { ...reader, 'change-number': number, files: 'log.txt' })
    expect(step.error.title).toBe('ServiceNow 403: permission missing')
    expect(writes(sandbox)).toEqual(['POST /api/now/attachment/file'])
    expect(sandbox.attachments(number)).toEqual([])
  })
})
