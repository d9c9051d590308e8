import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { asciiJson, bodySignature, type DeliveryParts, deliveryId, isDeliveryId } from './index.ts'

const PARTS: DeliveryParts = {
  serverUrl: 'https://github.com',
  repositoryId: '4711',
  repository: 'acme/shop',
  workflow: 'Deploy',
  runId: '1001',
  runAttempt: '2',
  job: 'deploy',
  matrixIndex: '0',
  step: 'notify',
  kind: 'event',
  name: 'deployment.started',
  scope: ''
}

describe('the id of a delivery', () => {
  it('covers everything that tells one delivery from another', () => {
    const others = (Object.keys(PARTS) as (keyof DeliveryParts)[])
      // The repository's name stands in for its id alone.
      .filter(key => key !== 'repository')
      .map(key => deliveryId({ ...PARTS, [key]: key === 'kind' ? 'flow' : `${PARTS[key]}x` }))
    expect(new Set([deliveryId(PARTS), ...others]).size).toBe(others.length + 1)
    expect(deliveryId({ ...PARTS })).toBe(deliveryId(PARTS))
    expect(isDeliveryId(deliveryId(PARTS))).toBe(true)
  })

  it.each(['', '.', '..', 'a/b', 'a b', 'é', 'x'.repeat(101)])('cannot be %j', id =>
    expect(isDeliveryId(id)).toBe(false)
  )

  it('may be given', () => expect(['1', 'release-1.2:3', 'x'.repeat(100)].every(isDeliveryId)).toBe(true))
})

describe('a signed body', () => {
  it("has the signature of GitHub's documented example", () =>
    expect(bodySignature("It's a Secret to Everybody", 'Hello, World!')).toBe(
      'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17'
    ))

  it('is ASCII, and the same value once it is read', () =>
    fc.assert(
      fc.property(fc.jsonValue(), value => {
        const text = asciiJson({ value })
        expect([...text].every(one => one.charCodeAt(0) < 127)).toBe(true)
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify({ value })))
      })
    ))
})
