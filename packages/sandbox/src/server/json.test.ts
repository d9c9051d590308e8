import { expect, it } from '@jest/globals'
import fc from 'fast-check'
import { Decimal, parseLenient, toJson } from './json.ts'

it('writes JSON like JSON.stringify', () => {
  fc.assert(
    fc.property(fc.jsonValue(), value => JSON.stringify(JSON.parse(toJson(value))) === JSON.stringify(value))
  )
})

it('writes decimals with a decimal point', () => {
  expect(toJson({ a: [new Decimal(-5), new Decimal(1.5)], b: undefined })).toBe('{"a":[-5.0,1.5]}')
})

it('reads single quotes', () => {
  expect(parseLenient(`{'a':'it\\'s "so"', "b": "don't"}`)).toEqual({ a: `it's "so"`, b: "don't" })
  expect(() => parseLenient('{')).toThrow(SyntaxError)
  expect(() => parseLenient("{'")).toThrow(SyntaxError)
})
