import { describe, expect, it } from '@jest/globals'
import { readCredentials } from '../connection/credentials.ts'
import { problemsOf, resolved, type Variables } from '../testing/inputs.ts'
import { connectionInputs, connectionProblems } from './index.ts'

const INSTANCE = { INPUT_INSTANCE: 'acme' }
const rules = connectionProblems

const credentialsOf = async (env: Variables) => {
  const { values } = await resolved(connectionInputs, { ...INSTANCE, ...env }, { rules })
  return readCredentials(values).credentials
}

const wrong = (env: Variables) => problemsOf(connectionInputs, { ...INSTANCE, ...env }, { rules })

describe('credentials', () => {
  it('come from the inputs, else from the environment', async () => {
    const env = { SERVICENOW_CLIENT_ID: 'c', SERVICENOW_CLIENT_SECRET: 's' }
    expect(await credentialsOf(env)).toEqual({
      scheme: 'oauth-client-credentials',
      clientId: 'c',
      clientSecret: 's'
    })
    expect(await credentialsOf({ ...env, INPUT_API_KEY: 'k' })).toEqual({ scheme: 'api-key', apiKey: 'k' })
    expect(await credentialsOf({ ...env, SERVICENOW_USERNAME: 'u', SERVICENOW_PASSWORD: 'p' })).toMatchObject(
      {
        scheme: 'oauth-password'
      }
    )
  })

  it('never are half an account of the workflow and half of the environment', async () => {
    const half = { INPUT_USERNAME: 'me', SERVICENOW_USERNAME: 'you', SERVICENOW_PASSWORD: 'yours' }
    expect(await wrong(half)).toEqual(['`username` is given without `password`'])
  })

  it('that are wrong are named where they were given', async () => {
    expect(await wrong({ SERVICENOW_CLIENT_SECRET: 'secret-1' })).toEqual([
      'SERVICENOW_CLIENT_SECRET is given without SERVICENOW_CLIENT_ID'
    ])
    expect(await wrong({ 'INPUT_CLIENT-ID': 'c' })).toEqual(['`client-id` is given without `client-secret`'])
    expect(await wrong({ INPUT_TOKEN: 'token-1', INPUT_API_KEY: 'key-1' })).toEqual([
      'Several sets of credentials are given: `token` and `api-key`. Give one of them'
    ])
    expect(await wrong({})).toEqual([expect.stringMatching(/^No credentials are given: /)])
  })
})

describe('instance and certificates', () => {
  const TOKEN = { INPUT_TOKEN: 'token-1' }

  it('are checked before anything is sent', async () => {
    expect(await wrong({ ...TOKEN, INPUT_INSTANCE: '' })).toEqual([
      expect.stringMatching(/^`instance` is required: .* SERVICENOW_INSTANCE$/)
    ])
    expect(await wrong({ ...TOKEN, INPUT_INSTANCE: 'http://acme.example' })).toEqual([
      expect.stringMatching(/^`instance` must use https/)
    ])
    expect(await wrong({ ...TOKEN, 'INPUT_CA-CERTIFICATE': '/nowhere/ca.pem' })).toEqual([
      expect.stringMatching(/^`ca-certificate` is neither PEM text/)
    ])
    const pem = '-----BEGIN CERTIFICATE-----'
    expect(await wrong({ ...TOKEN, SERVICENOW_CLIENT_CERTIFICATE: pem })).toEqual([
      '`client-certificate` is given without `client-key`'
    ])
  })
})
