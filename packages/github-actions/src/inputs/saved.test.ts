import { describe, expect, it } from '@jest/globals'
import { dateTime, duration, restoreValues, savedValues, text, yamlMap } from '../index.ts'
import { resolved } from '../testing/inputs.ts'

const shape = {
  timeout: duration({ default: '1h' }),
  startDate: dateTime(),
  fields: yamlMap(),
  environment: text(),
  password: text({ secret: true }),
  caCertificate: text({ transient: true })
}
const KEYS = ['timeout', 'startDate', 'fields', 'environment'] as const

describe('values kept for the post step', () => {
  it('are the same again', async () => {
    const { values } = await resolved(shape, {
      INPUT_TIMEOUT: '4h',
      INPUT_FIELDS: 'u_a: [1, x]',
      'INPUT_START-DATE': '+2h'
    })
    const kept = JSON.parse(JSON.stringify(savedValues(shape, values, KEYS)))
    expect(kept).toEqual({
      timeout: 14_400_000,
      startDate: { kind: 'relative', offset: 7_200_000 },
      fields: { u_a: [1, 'x'] }
    })
    const { password: _, caCertificate: __, ...expected } = values
    expect(restoreValues(shape, kept, KEYS)).toEqual(expected)
  })

  it('hold no secret and no certificate, given or found', async () => {
    const { values } = await resolved(shape, { INPUT_PASSWORD: 'hush', 'INPUT_CA-CERTIFICATE': '/ca.pem' })
    expect(() => savedValues(shape, values, ['timeout', 'password'])).toThrow('password must not be kept')
    expect(() => savedValues(shape, values, ['caCertificate'])).toThrow('caCertificate must not be kept')
    expect(() => restoreValues(shape, { password: 'x' }, ['password'])).toThrow('must not be kept')
  })

  it('are no more than was asked for', () => {
    const saved = JSON.parse('{"timeout":1,"password":"x","__proto__":{"a":1}}')
    expect(restoreValues(shape, saved, ['timeout'])).toEqual({ timeout: 1 })
  })
})
