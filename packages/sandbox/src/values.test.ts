import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { parseMultipart } from './attachment-api/multipart.ts'
import { fromZone, inZone, parseUtc, utc } from './engine/dates.ts'
import { html } from './pages/html.ts'
import { encode, parseQuery } from './query/parse.ts'
import { Decimal, parseLenient, toJson } from './server/json.ts'

const seconds = fc.integer({ min: 0, max: 4_000_000_000 })

describe('dates', () => {
  it('come back from text as they were, in UTC and through a zone without clock changes', () => {
    fc.assert(
      fc.property(seconds, fc.constantFrom('UTC', 'Asia/Kolkata', 'America/Phoenix'), (second, zone) => {
        const stored = utc(second * 1000)
        expect(parseUtc(stored)).toBe(second * 1000)
        fc.pre(second > 1_000_000_000)
        expect(fromZone(inZone(stored, zone), zone)).toBe(stored)
      })
    )
  })

  it.each([
    ['2026-07-01 12:00:00', 'America/Los_Angeles', '2026-07-01 05:00:00'],
    ['2026-12-01 12:00:00', 'America/Los_Angeles', '2026-12-01 04:00:00'],
    ['2026-12-01 00:30:00', 'Europe/Berlin', '2026-12-01 01:30:00'],
    ['2026-12-01 08:00:00', 'America/Los_Angeles', '2026-12-01 00:00:00']
  ])('%s is seen in %s as %s', (stored, zone, seen) => {
    expect(inZone(stored, zone)).toBe(seen)
    expect(fromZone(seen, zone)).toBe(stored)
  })

  it.each(['2026-02-30 00:00:00', '2026-07-01T12:00:00Z', '2026-13-01 00:00:00', 'tomorrow', ''])(
    'are not made of %s',
    text => {
      expect(parseUtc(text)).toBeUndefined()
      expect(fromZone(text, 'UTC')).toBe('')
      expect(inZone(text, 'UTC')).toBe(text)
    }
  )
})

describe('JSON', () => {
  it('is written as the standard serializer writes it', () => {
    fc.assert(
      fc.property(
        fc.jsonValue(),
        value => JSON.stringify(JSON.parse(toJson(value))) === JSON.stringify(value)
      )
    )
  })

  it('keeps the decimal point of a number that has one', () => {
    expect(toJson({ a: [new Decimal(-5), new Decimal(1.5)], b: undefined })).toBe('{"a":[-5.0,1.5]}')
  })

  it('may use single quotes', () => {
    expect(parseLenient(`{'a':'it\\'s "so"', "b": "don't"}`)).toEqual({ a: `it's "so"`, b: "don't" })
    expect(() => parseLenient('{')).toThrow(SyntaxError)
    expect(() => parseLenient("{'")).toThrow(SyntaxError)
  })
})

describe('encoded queries', () => {
  it('carry any value through their encoding', () => {
    fc.assert(
      fc.property(fc.string(), value => {
        // A caret before a joiner that belongs to the value is what the doubling is for.
        const encoded = encode([[[{ field: 'a', operator: '=', value }]]])
        const [groups] = parseQuery(encoded).alternatives
        expect(groups?.[0]?.[0]).toEqual({ field: 'a', operator: '=', value })
      })
    )
  })
})

describe('multipart bodies', () => {
  it('give back every part, whatever its bytes', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array(), { minLength: 1, maxLength: 4 }), parts => {
        const boundary = 'fixedBoundary7f3a'
        const body = Buffer.concat([
          ...parts.flatMap((bytes, index) => [
            Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="p${index}"\r\n\r\n`),
            bytes,
            Buffer.from('\r\n')
          ]),
          Buffer.from(`--${boundary}--\r\n`)
        ])
        const read = parseMultipart(body, `multipart/form-data; boundary="${boundary}"`)
        expect(read.map(part => [part.name, Buffer.from(part.bytes).toString('hex')])).toEqual(
          parts.map((bytes, index) => [`p${index}`, Buffer.from(bytes).toString('hex')])
        )
      })
    )
  })
})

describe('pages', () => {
  it('never let text become markup', () => {
    fc.assert(
      fc.property(fc.string(), text => {
        const { markup } = html`<p title="${text}">${text}</p>`
        expect(markup.replace(/^<p title="[^"<>']*">[^<>"']*<\/p>$/, '')).toBe('')
      })
    )
  })
})
