import { describe, expect, it } from '@jest/globals'
import { settingsFrom } from './settings.ts'

const ENV = { CHECK_GITHUB_TOKEN: 'github_pat_1' }
const ARGS = ['--repository', 'acme/lab']

describe('the settings', () => {
  it('are those of github.com, without an App', () => {
    expect(settingsFrom(ARGS, ENV)).toEqual({
      owner: 'acme',
      repo: 'lab',
      apiUrl: 'https://api.github.com',
      token: 'github_pat_1',
      app: undefined,
      webhook: 'not stated',
      clean: false
    })
  })

  it('take the key of an App as text', () => {
    const key = '-----BEGIN RSA PRIVATE KEY-----\nx\n-----END RSA PRIVATE KEY-----'
    const env = { ...ENV, CHECK_GITHUB_APP_ID: '1', CHECK_GITHUB_APP_KEY: key }
    expect(settingsFrom(ARGS, env).app).toEqual({ id: '1', privateKey: key })
  })

  it.each([
    [['--repository', 'lab'], ENV, '--repository'],
    [ARGS, {}, 'CHECK_GITHUB_TOKEN'],
    [ARGS, { ...ENV, CHECK_GITHUB_APP_ID: '1' }, 'belong together'],
    [[...ARGS, '--nonsense'], ENV, 'nonsense']
  ])('%j %j: %s', (args, env, text) => {
    expect(() => settingsFrom(args, env)).toThrow(text)
  })
})
