import { expect, it } from '@jest/globals'
import fc from 'fast-check'
import { encode, parseQuery } from './parse.ts'

it('encodes and parses any value', () => {
  fc.assert(
    fc.property(fc.string(), value => {
      // A caret in the value is doubled, so that it is not read as the start of the next term.
      const encoded = encode([[[{ field: 'a', operator: '=', value }]]])
      const [groups] = parseQuery(encoded).alternatives
      expect(groups?.[0]?.[0]).toEqual({ field: 'a', operator: '=', value })
    })
  )
})
