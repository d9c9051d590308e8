import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import { readCredentials } from '../connection/credentials.ts'
import { CERTIFICATE, CERTIFICATE_KEY, OTHER_CERTIFICATE } from '../testing/certificates.ts'
import { problemsOf, resolved, type Variables } from '../testing/inputs.ts'
import { connectionInputs, connectionProblems } from './index.ts'

const INSTANCE = { INPUT_INSTANCE: 'acme' }
const FROM_ENVIRONMENT = { INPUT_INSTANCE: '', SERVICENOW_INSTANCE: 'acme' }
const rules = connectionProblems

const credentialsOf = async (env: Variables) => {
  const { values } = await resolved(connectionInputs, { ...INSTANCE, ...env }, { rules })
  return readCredentials(values).credentials
}

/** Both causes of a secret that is empty. */
const HINT = expect.stringMatching(
  /^A secret that GitHub does not find .* the name of the secret; .* belongs to an environment, .*`environment: <name>`/
)

const wrong = (env: Variables) => problemsOf(connectionInputs, { ...INSTANCE, ...env }, { rules })

describe('credentials', () => {
  it('come from the inputs, else from the environment', async () => {
    const env = { SERVICENOW_CLIENT_ID: 'c', SERVICENOW_CLIENT_SECRET: 's' }
    expect(await credentialsOf({ ...FROM_ENVIRONMENT, ...env })).toEqual({
      scheme: 'oauth-client-credentials',
      clientId: 'c',
      clientSecret: 's'
    })
    expect(await credentialsOf({ ...env, INPUT_API_KEY: 'k' })).toEqual({ scheme: 'api-key', apiKey: 'k' })
    const more = { SERVICENOW_USERNAME: 'u', SERVICENOW_PASSWORD: 'p' }
    expect(await credentialsOf({ ...FROM_ENVIRONMENT, ...env, ...more })).toMatchObject({
      scheme: 'oauth-password'
    })
  })

  it('never are half an account of the workflow and half of the environment', async () => {
    const half = { INPUT_USERNAME: 'me', SERVICENOW_USERNAME: 'you', SERVICENOW_PASSWORD: 'yours' }
    expect(await wrong(half)).toEqual(['`username` is given without `password`', HINT])
  })

  it('that are wrong are named where they were given', async () => {
    expect(await wrong({ ...FROM_ENVIRONMENT, SERVICENOW_CLIENT_SECRET: 'secret-1' })).toEqual([
      'SERVICENOW_CLIENT_SECRET is given without SERVICENOW_CLIENT_ID',
      HINT
    ])
    expect(await wrong({ INPUT_TOKEN: 'token-1', INPUT_API_KEY: 'key-1' })).toEqual([
      'Several sets of credentials are given: `token` and `api-key`. Give one of them'
    ])
    expect(await wrong({})).toEqual([
      expect.stringMatching(/^No credentials are given: .*SERVICENOW_CLIENT_ID, …$/),
      HINT
    ])
  })
})

describe('instance and credentials come from one place', () => {
  const LOGIN = { SERVICENOW_CLIENT_ID: 'c', SERVICENOW_CLIENT_SECRET: 'secret-1' }
  const everything = {
    SERVICENOW_INSTANCE: 'evil.example',
    SERVICENOW_API_PATH: '/evil',
    SERVICENOW_CA_CERTIFICATE: CERTIFICATE,
    SERVICENOW_CLIENT_CERTIFICATE: CERTIFICATE,
    SERVICENOW_CLIENT_KEY: CERTIFICATE_KEY,
    SERVICENOW_USERNAME: 'me'
  }

  it.each([
    ['client-secret', { 'INPUT_CLIENT-ID': 'c', 'INPUT_CLIENT-SECRET': 'secret-1' }],
    ['token', { INPUT_TOKEN: 'token-1' }],
    ['api-key', { INPUT_API_KEY: 'key-1' }]
  ])('%s as an input is not sent to the instance of the environment', async (name, inputs) => {
    const problems = await wrong({ ...inputs, ...everything, INPUT_INSTANCE: '' })
    expect(problems).toEqual([
      expect.stringMatching(/^`instance` is required beside .*SERVICENOW_INSTANCE/),
      HINT
    ])
    expect(problems[0]).toContain(`\`${name}\``)
  })

  it('nothing of the environment is used beside inputs', async () => {
    const { values } = await resolved(
      connectionInputs,
      { ...INSTANCE, INPUT_TOKEN: 'token-1', ...everything },
      { rules }
    )
    expect(values).toMatchObject({ instance: 'acme', token: 'token-1' })
    for (const key of ['apiPath', 'caCertificate', 'clientCertificate', 'clientKey', 'username'] as const)
      expect(values[key]).toBeUndefined()
  })

  it.each([INSTANCE, { 'INPUT_API-PATH': '/itsm' }, { 'INPUT_CA-CERTIFICATE': CERTIFICATE }])(
    'credentials of the environment are not used beside %o',
    async inputs => {
      const problems = await problemsOf(connectionInputs, { ...inputs, ...LOGIN }, { rules })
      expect(problems.at(-2)).toMatch(
        /^No credentials are given beside the other inputs .*SERVICENOW_CLIENT_ID and SERVICENOW_CLIENT_SECRET of the environment are not used/
      )
    }
  )

  it('`api` says nothing about where a secret is sent', async () => {
    const env = { ...FROM_ENVIRONMENT, ...LOGIN, INPUT_API: 'table' }
    expect((await resolved(connectionInputs, env, { rules })).values).toMatchObject({
      instance: 'acme',
      api: 'table'
    })
  })
})

describe('a private key to sign in with', () => {
  const signed = (key: string, more: Variables = {}) => ({
    'INPUT_CLIENT-ID': 'client-1',
    'INPUT_PRIVATE-KEY': key,
    'INPUT_KEY-ID': 'key-1',
    INPUT_SUBJECT: 'gha.deployer',
    ...more
  })

  it.each([
    ['as it is', (pem: string) => pem],
    ['without line breaks', (pem: string) => pem.replaceAll('\n', '')],
    ['with \\n for line breaks', (pem: string) => pem.replaceAll('\n', '\\n')]
  ])('is PEM text, %s', async (_, damage) => {
    expect(await credentialsOf(signed(damage(CERTIFICATE_KEY)))).toEqual({
      scheme: 'oauth-jwt-bearer',
      clientId: 'client-1',
      privateKey: CERTIFICATE_KEY,
      keyId: 'key-1',
      subject: 'gha.deployer'
    })
  })

  it('comes from the environment with its set, and takes a client secret along', async () => {
    const env = {
      ...FROM_ENVIRONMENT,
      SERVICENOW_CLIENT_ID: 'client-1',
      SERVICENOW_CLIENT_SECRET: 'secret-1',
      SERVICENOW_PRIVATE_KEY: CERTIFICATE_KEY,
      SERVICENOW_KEY_ID: 'key-1',
      SERVICENOW_SUBJECT: 'gha.deployer'
    }
    expect(await credentialsOf(env)).toMatchObject({ scheme: 'oauth-jwt-bearer', clientSecret: 'secret-1' })
  })

  it('needs the rest of its set', async () => {
    const part = { 'INPUT_CLIENT-ID': 'client-1', 'INPUT_PRIVATE-KEY': CERTIFICATE_KEY }
    expect(await wrong(part)).toEqual(['`private-key` is given without `key-id` and `subject`', HINT])
    expect(await wrong({ ...FROM_ENVIRONMENT, SERVICENOW_KEY_ID: 'key-1' })).toEqual([
      'SERVICENOW_KEY_ID is given without SERVICENOW_CLIENT_ID, SERVICENOW_PRIVATE_KEY and SERVICENOW_SUBJECT',
      HINT
    ])
  })

  it('is one way to sign in among several', async () => {
    expect(await wrong(signed(CERTIFICATE_KEY, { INPUT_TOKEN: 'token-1' }))).toEqual([
      'Several sets of credentials are given: `client-id`, `private-key`, `key-id` and `subject` (OAuth JWT bearer grant) and `token`. Give one of them'
    ])
  })

  const pem = (type: 'ed25519') =>
    String(generateKeyPairSync(type).privateKey.export({ type: 'pkcs8', format: 'pem' }))
  const locked = String(
    createPrivateKey(CERTIFICATE_KEY).export({
      type: 'pkcs8',
      format: 'pem',
      cipher: 'aes-256-cbc',
      passphrase: 'x'
    })
  )
  it.each([
    ['no PEM text', 'abc', /^`private-key` is neither PEM text/],
    ['a certificate', CERTIFICATE, /^`private-key` holds no private key, but: certificate/],
    ['encrypted', locked, /^`private-key` is encrypted: store it without a passphrase/],
    ['of another kind', pem('ed25519'), /^`private-key` is of a kind that ServiceNow does not verify/],
    ['cut', CERTIFICATE_KEY.replace(/-----END.*/s, ''), /^`private-key` is cut/],
    [
      'damaged',
      CERTIFICATE.replaceAll('CERTIFICATE', 'PRIVATE KEY'),
      /^`private-key` is damaged: the key in it cannot be read/
    ]
  ])('is refused when it is %s', async (_, key, message) => {
    const problems = await wrong(signed(key))
    expect(problems).toEqual([expect.stringMatching(message)])
    expect(problems.join()).not.toContain(CERTIFICATE_KEY.slice(60, 80))
  })
})

describe("GitHub's identity token", () => {
  const REQUEST = {
    ACTIONS_ID_TOKEN_REQUEST_URL: 'https://token.test/?api-version=2.0',
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'request-token'
  }
  const AUDIENCE = { 'INPUT_OIDC-AUDIENCE': 'servicenow' }

  it('is a set by itself, and comes from the workflow alone', async () => {
    const env = { ...REQUEST, SERVICENOW_CLIENT_ID: 'c', SERVICENOW_CLIENT_SECRET: 's' }
    expect(await credentialsOf({ ...env, ...AUDIENCE })).toEqual({
      scheme: 'oidc',
      oidcAudience: 'servicenow'
    })
    expect(await wrong({ ...REQUEST, SERVICENOW_OIDC_AUDIENCE: 'servicenow' })).toEqual([
      expect.stringMatching(/^No credentials are given.*`oidc-audience`/),
      HINT
    ])
  })

  it.each([
    {},
    { ...REQUEST, ACTIONS_ID_TOKEN_REQUEST_TOKEN: '' },
    { ...REQUEST, ACTIONS_ID_TOKEN_REQUEST_URL: 'nowhere' }
  ])('needs the permission to request it: %#', async env => {
    expect(await wrong({ ...env, ...AUDIENCE })).toEqual([
      expect.stringMatching(/^`oidc-audience` needs .*: add `id-token: write` to the `permissions:`/)
    ])
  })
})

describe('instance and certificates', () => {
  const TOKEN = { INPUT_TOKEN: 'token-1' }

  it('are checked before anything is sent', async () => {
    expect(await wrong({ SERVICENOW_TOKEN: 'token-1', INPUT_INSTANCE: '' })).toEqual([
      expect.stringMatching(/^`instance` is required: .* SERVICENOW_INSTANCE$/),
      HINT
    ])
    expect(await wrong({ ...TOKEN, INPUT_INSTANCE: 'http://acme.example' })).toEqual([
      expect.stringMatching(/^`instance` must use https/)
    ])
    expect(await wrong({ ...TOKEN, 'INPUT_CA-CERTIFICATE': '/nowhere/ca.pem' })).toEqual([
      expect.stringMatching(/^`ca-certificate` is neither PEM text/)
    ])
    expect(await wrong({ ...TOKEN, 'INPUT_CLIENT-CERTIFICATE': CERTIFICATE })).toEqual([
      '`client-certificate` is given without `client-key`',
      HINT
    ])
  })

  it.each(['/itsm/prod', 'itsm', '/'])('take the path %s of a gateway', async path => {
    const env = { ...INSTANCE, ...TOKEN, 'INPUT_API-PATH': path }
    expect((await resolved(connectionInputs, env, { rules })).values.apiPath).toBe(path)
  })

  it('take no other path than that of a gateway', async () => {
    expect(await wrong({ ...TOKEN, 'INPUT_API-PATH': '/../x' })).toEqual([
      expect.stringMatching(/^`api-path` must not have/)
    ])
    expect(await wrong({ ...TOKEN, 'INPUT_API-PATH': '?x' })).toEqual([
      expect.stringMatching(/^`api-path` must be a path of letters/)
    ])
  })

  it('are refused where a variable of a proxy cannot be understood', async () => {
    expect(await wrong({ ...TOKEN, HTTPS_PROXY: 'socks5://me:hunter2@proxy.corp' })).toEqual([
      expect.stringMatching(/^HTTPS_PROXY cannot be understood: (?!.*hunter2)/)
    ])
    expect(await wrong({ ...TOKEN, https_proxy: 'proxy.corp:3128', no_proxy: '<local>' })).toEqual([
      expect.stringMatching(/^no_proxy cannot be understood: "<local>"/)
    ])
  })

  it('are refused where Node is told to trust every certificate', async () => {
    expect(await wrong({ ...TOKEN, NODE_TLS_REJECT_UNAUTHORIZED: '0' })).toEqual([
      expect.stringMatching(/^NODE_TLS_REJECT_UNAUTHORIZED=0 is set: .*`ca-certificate`$/)
    ])
    await expect(
      resolved(connectionInputs, { ...INSTANCE, ...TOKEN, NODE_TLS_REJECT_UNAUTHORIZED: '1' }, { rules })
    ).resolves.toBeDefined()
  })

  const locked = createPrivateKey(CERTIFICATE_KEY).export({
    type: 'pkcs8',
    format: 'pem',
    cipher: 'aes-256-cbc',
    passphrase: 'open sesame'
  })
  const pair = (key: string, passphrase = '', certificate = CERTIFICATE) => ({
    ...INSTANCE,
    ...TOKEN,
    'INPUT_CLIENT-CERTIFICATE': certificate,
    'INPUT_CLIENT-KEY': key,
    'INPUT_CLIENT-KEY-PASSPHRASE': passphrase
  })

  it.each([
    ['as they are', CERTIFICATE_KEY, ''],
    ['without line breaks', CERTIFICATE_KEY.replaceAll('\n', ' '), ''],
    ['encrypted', String(locked), 'open sesame'],
    ['with a passphrase that is not needed', CERTIFICATE_KEY, 'open sesame']
  ])('take a certificate and its key %s', async (_, key, passphrase) => {
    await expect(resolved(connectionInputs, pair(key, passphrase), { rules })).resolves.toBeDefined()
  })

  it.each([
    [
      'of another certificate',
      pair(CERTIFICATE_KEY, '', OTHER_CERTIFICATE),
      /^`client-key` does not belong to/
    ],
    [
      'without its passphrase',
      pair(String(locked)),
      /^`client-key` is encrypted: give `client-key-passphrase`/
    ],
    [
      'with another passphrase',
      pair(String(locked), 'x'),
      /^`client-key-passphrase` does not open `client-key`/
    ],
    ['with a broken passphrase', pair(String(locked), 'a\nb'), /^`client-key-passphrase` has a line break/],
    [
      'that is damaged',
      pair(CERTIFICATE.replaceAll('CERTIFICATE', 'PRIVATE KEY')),
      /^`client-key` is damaged: the key in it cannot be read/
    ]
  ])('refuse a key %s', async (_, env, message) => {
    expect(await wrong(env)).toEqual([expect.stringMatching(message)])
  })
})

describe('a secret that was damaged on its way', () => {
  const LINE_BREAK = /has a line break in it: store it again as one line/

  it.each([
    [{ INPUT_TOKEN: 'abc\ndef' }, LINE_BREAK],
    [{ INPUT_TOKEN: 'abc\r\ndef' }, LINE_BREAK],
    [{ 'INPUT_API-KEY': 'abc\ndef' }, LINE_BREAK],
    [{ INPUT_USERNAME: 'me', INPUT_PASSWORD: 'abc\ndef' }, LINE_BREAK],
    [{ 'INPUT_CLIENT-ID': 'a\nb', 'INPUT_CLIENT-SECRET': 'secret-1' }, LINE_BREAK],
    [{ 'INPUT_CLIENT-ID': 'a', 'INPUT_CLIENT-SECRET': 's\n\nt' }, LINE_BREAK],
    [{ INPUT_TOKEN: 'Bearer abc' }, /give the token alone, without `Bearer`/],
    [{ INPUT_TOKEN: 'bearer  abc' }, /give the token alone, without `Bearer`/],
    [{ INPUT_TOKEN: 'abc def' }, /has a blank, or a character that is not ASCII/],
    [{ 'INPUT_API-KEY': 'abc–def' }, /has a blank, or a character that is not ASCII/],
    [{ INPUT_USERNAME: 'me', INPUT_PASSWORD: 'a\u0000b' }, /has a control character/]
  ])('is refused and not shown: %#', async (env, message) => {
    const problems = await wrong(env as Variables)
    expect(problems).toEqual([expect.stringMatching(message)])
    expect(problems.join()).not.toMatch(/abc|def/)
  })

  it('is named where it was given', async () => {
    expect(await wrong({ ...FROM_ENVIRONMENT, SERVICENOW_TOKEN: 'a\nb' })).toEqual([
      expect.stringMatching(/^SERVICENOW_TOKEN has a/)
    ])
  })

  it('is not one that has blanks, umlauts or a line break at its end', async () => {
    const env = { INPUT_USERNAME: 'grün me', INPUT_PASSWORD: 'pass wörd \n' }
    expect(await credentialsOf(env)).toMatchObject({ username: 'grün me', password: 'pass wörd' })
    expect(await credentialsOf({ INPUT_TOKEN: 'abc\n' })).toMatchObject({ token: 'abc' })
  })
})
