import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import {
  bindingOf,
  correlationScope,
  type DeploymentParts,
  deploymentId,
  type GateParts,
  gateId,
  isCorrelationId,
  noteMarker,
  parseBinding
} from './index.ts'

const hex = (min: number, max = min) =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: min, maxLength: max })

const deployment: DeploymentParts = {
  serverUrl: 'https://github.com',
  repositoryId: '4711',
  repository: 'octo/shop',
  workflow: '.github/workflows/deploy.yml',
  runId: '123456789',
  job: 'deploy',
  matrixIndex: '0',
  step: '__create',
  type: 'normal',
  cmdbCi: 'shop',
  parent: ''
}
const gate: GateParts = {
  serverUrl: 'https://github.com',
  repositoryId: '4711',
  repository: 'octo/shop',
  identity: 'version',
  value: 'v1.2.3',
  workflow: 'deploy',
  job: 'deploy',
  matrixIndex: '',
  environment: 'production',
  cmdbCi: '',
  template: ''
}
const binding = {
  commit: '0123456789abcdef0123456789abcdef01234567',
  runId: '123456789',
  serverUrl: 'https://github.com',
  repository: 'octo/shop',
  environment: 'production'
}

describe('the identity of a deployment', () => {
  it('is a correlation id, the same in every attempt and release', () => {
    expect(isCorrelationId(deploymentId(deployment))).toBe(true)
    expect(isCorrelationId(gateId(gate))).toBe(true)
    // Recorded: a change of the encoding would make re-runs open second changes.
    expect(deploymentId(deployment)).toBe(
      'gha-cdd9deb2e4a868fdb7b6627fc4f9e673a4257e846a861058247950d1a48071e3'
    )
    expect(gateId(gate)).toBe('gha-8744ee8e5a9b1111f89849b9149eabde7c5e6af5a8ecdb75800fbe7bd431dce5')
  })

  it('differs as soon as one part differs', () => {
    const parts = Object.keys(deployment).filter(part => part !== 'repository') as (keyof DeploymentParts)[]
    const ids = parts.map(part => deploymentId({ ...deployment, [part]: 'other' }))
    expect(new Set([deploymentId(deployment), ...ids]).size).toBe(parts.length + 1)
    const gateParts = Object.keys(gate).filter(part => part !== 'repository') as (keyof GateParts)[]
    const gateIds = gateParts.map(part => gateId({ ...gate, [part]: 'other' }))
    expect(new Set([gateId(gate), ...gateIds]).size).toBe(gateParts.length + 1)
  })

  it('has a scope in it, and stays what it was without one', () => {
    expect(deploymentId({ ...deployment, scope: '' })).toBe(deploymentId(deployment))
    expect(gateId({ ...gate, scope: '' })).toBe(gateId(gate))
    const scopes = ['eu', 'us']
    expect(new Set(['', ...scopes].map(scope => deploymentId({ ...deployment, scope }))).size).toBe(3)
    expect(new Set(['', ...scopes].map(scope => gateId({ ...gate, scope }))).size).toBe(3)
  })

  it('keeps a renamed repository, and tells repositories by name where there is no id', () => {
    expect(deploymentId({ ...deployment, repository: 'octo/renamed' })).toBe(deploymentId(deployment))
    const nameless = { ...deployment, repositoryId: '' }
    expect(deploymentId({ ...nameless, repository: 'octo/other' })).not.toBe(deploymentId(nameless))
    expect(deploymentId({ ...nameless, repository: 'Octo/Shop' })).toBe(deploymentId(nameless))
    expect(deploymentId({ ...nameless, repository: '4711' })).not.toBe(deploymentId(deployment))
  })

  it('never takes the end of one part for the start of the next', () => {
    fc.assert(
      fc.property(fc.string(), fc.string({ minLength: 1 }), fc.string(), (left, middle, right) => {
        const one = deploymentId({ ...deployment, workflow: left + middle, runId: right })
        const other = deploymentId({ ...deployment, workflow: left, runId: middle + right })
        expect(one).not.toBe(other)
      })
    )
  })

  it.each([
    ['A-z.0_9:/x', true],
    ['x'.repeat(100), true],
    ['x'.repeat(101), false],
    ['', false],
    ['a b', false],
    ['a^ORDERBYnumber', false],
    ['a\n', false],
    ['ä', false]
  ])('takes %j for a correlation id: %j', (text, verdict) => {
    expect(isCorrelationId(text)).toBe(verdict)
  })
})

describe('what a change is bound to', () => {
  it('is one short line that reads back', () => {
    fc.assert(
      fc.property(
        hex(40, 64),
        fc.bigInt({ min: 0n, max: 10n ** 15n - 1n }),
        fc.domain().map(host => `https://${host}`),
        fc.string(),
        fc.string(),
        (commit, run, serverUrl, repository, environment) => {
          const line = bindingOf({ commit, runId: `${run}`, serverUrl, repository, environment })
          expect(line.length).toBeLessThanOrEqual(100)
          expect(parseBinding(line)).toEqual({
            version: 2,
            commit: commit.slice(0, 40),
            runId: `${run}`,
            scope: correlationScope({ serverUrl, repository, environment })
          })
        }
      )
    )
  })

  it('tells environments, repositories and servers apart, spelling aside', () => {
    const scope = correlationScope(binding)
    expect(correlationScope({ ...binding, environment: 'staging' })).not.toBe(scope)
    expect(correlationScope({ ...binding, repository: 'octo/other' })).not.toBe(scope)
    expect(correlationScope({ ...binding, serverUrl: 'https://ghe.example' })).not.toBe(scope)
    expect(correlationScope({ ...binding, serverUrl: 'https://GitHub.com/', repository: 'Octo/Shop' })).toBe(
      scope
    )
  })

  it.each([
    { commit: '' },
    { commit: 'main' },
    { commit: '0123456' },
    { runId: '' },
    { runId: '12 34' },
    { runId: '1\n2' }
  ])('refuses to bind to %j', wrong => {
    expect(() => bindingOf({ ...binding, ...wrong })).toThrow(/commit id and a run number/)
  })

  it.each([
    '',
    'gha',
    'gha 0123456789ab 12',
    'gha 0123456789ab 12 0123456789ab ',
    ' gha 0123456789ab 12 0123456789ab',
    'gha 0123456789ab 12 0123456789ab\n',
    'gha 0123456789AB 12 0123456789ab',
    'gha 0123456789abc 12 0123456789ab',
    'gha  0123456789ab 12 0123456789ab',
    'GitHub Actions'
  ])('does not take %j for ours', text => {
    expect(parseBinding(text)).toBeUndefined()
  })

  it('marks a note by what it is about', () => {
    expect(noteMarker(['run', '1'])).toMatch(/^\[gha [0-9a-f]{12}\]$/)
    expect(noteMarker(['run', '1'])).toBe(noteMarker(['run', '1']))
    const others = [['run', '2'], ['run1'], ['run', '1', ''], []].map(noteMarker)
    expect(new Set([noteMarker(['run', '1']), ...others]).size).toBe(5)
  })
})
