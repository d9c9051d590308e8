import { readRuntime } from '@change-actions/github-actions'
import { identityOf } from '@change-actions/github-actions/change'
import { describe, expect, it } from '@jest/globals'
import type { GateInputs } from './inputs.ts'
import { toGateRequest, versionOf } from './request.ts'

const ENV = {
  GITHUB_SERVER_URL: 'https://github.com',
  GITHUB_REPOSITORY: 'acme/shop',
  GITHUB_RUN_ID: '1001',
  GITHUB_RUN_ATTEMPT: '2',
  GITHUB_JOB: 'deploy',
  GITHUB_ACTOR: 'octocat',
  GITHUB_SHA: '65dbbeda5ade1f0e3c7b9a4d8e2f6c1b0a9d8e7f',
  GITHUB_REF: 'refs/heads/main',
  GITHUB_REF_NAME: 'main'
}

const runtime = readRuntime(ENV)

const POLICY = {
  repository: 'acme/shop',
  path: 'policy.yml',
  commit: ENV.GITHUB_SHA,
  section: undefined,
  names: {},
  enforced: {}
}

function requestOf(given: Partial<GateInputs>, env = ENV, title?: string) {
  const inputs = { environment: 'production', identity: 'version', reuse: true, ...given } as GateInputs
  const own = readRuntime(env)
  const policy = title === undefined ? undefined : { ...POLICY, title }
  const requester = { identity: identityOf(own, inputs), instance: 'https://acme.service-now.com' }
  return toGateRequest({ inputs, runtime: own, policy }, requester, 0)
}

describe('the request', () => {
  it('names version and environment to those who approve', () => {
    const { generated, correlationDisplay } = requestOf({})
    expect(generated.description).toMatch(/Version: 65dbbed\nEnvironment: production$/)
    expect(correlationDisplay).toMatch(/^gha2 65dbbeda5ade1f0e3c7b9a4d8e2f6c1b0a9d8e7f 1001 [0-9a-f.]{25}$/)
  })

  it('names each on its line, whatever it is called', () => {
    const { generated } = requestOf({
      version: 'v1\nActor: anna',
      environment: 'production\n\nFor approvers:'
    })
    expect(generated.description).toMatch(
      /\nVersion: v1 Actor: anna\nEnvironment: production For approvers:$/
    )
  })

  it('names neither where they are not known', () => {
    const { generated } = requestOf({ environment: '' as string }, { ...ENV, GITHUB_SHA: '' })
    expect(generated.description).not.toMatch(/Version:|Environment:/)
  })

  it('has the title of the policy, unless a short description is given', () => {
    expect(requestOf({}).given.short_description).toBe('Deploy "acme/shop" version 65dbbed to "production"')
    expect(requestOf({}, ENV, '{version} to {environment}').given.short_description).toBe(
      '65dbbed to production'
    )
    expect(requestOf({ shortDescription: 'Mine' }, ENV, 'x').given.short_description).toBe('Mine')
  })

  it('has its default title cut to what a stock instance keeps, and no other', () => {
    const version = 'v'.repeat(200)
    const { short_description: title } = requestOf({ version }).given
    expect(title).toMatch(/^Deploy "acme\/shop" version v+…$/)
    expect(title).toHaveLength(160)
    expect(requestOf({ version }, ENV, '{version}').given.short_description).toBe(version)
  })

  it('lets a title that the user gives tell deployments of one derived identity apart', () => {
    expect(requestOf({ shortDescription: 'Mine' }).titleTells).toBe(true)
    expect(requestOf({}).titleTells).toBe(false)
    expect(requestOf({ shortDescription: 'Mine', correlationId: 'x' }).titleTells).toBe(false)
  })

  it('is bound to no commit and no run where there is none', () => {
    const lack = { GITHUB_SHA: '', GITHUB_RUN_ID: '' }
    expect(requestOf({}, { ...ENV, ...lack }).correlationDisplay).toMatch(/^gha2 0{40} 0 /)
  })

  it('has a signed binding where there is a key', () => {
    expect(requestOf({ bindingKey: 'secret' }).correlationDisplay).toMatch(/ [0-9a-f]{12}$/)
  })

  it('is another deployment for another version, environment, leg or scope', () => {
    const ids = [
      {},
      { version: 'v2' },
      { environment: 'staging' },
      { ownMatrixIndex: '1' },
      { correlationScope: 'b' },
      { identity: 'run' },
      { identity: 'commit' }
    ] as const
    expect(new Set(ids.map(given => requestOf(given).correlationId)).size).toBe(ids.length)
    expect(requestOf({ version: '65dbbed' }).correlationId).toBe(requestOf({}).correlationId)
  })

  it('takes the version as given, the tag, or the commit', () => {
    const tag = { ...runtime, ref: 'refs/tags/v1', refName: 'v1' }
    expect(versionOf({ version: 'v9' }, tag)).toBe('v9')
    expect(versionOf({ version: undefined }, tag)).toBe('v1')
    expect(versionOf({ version: undefined }, runtime)).toBe('65dbbed')
  })
})
