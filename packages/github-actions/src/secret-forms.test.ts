import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { createSecrets } from './secrets.ts'
import { harmless, markdown, oneLine } from './text.ts'

const SECRET = `Correct horse! (b/tt"ry') & <é>+~`

/** What is left of a secret in one form, between other text. */
function left(form: string, secret = SECRET): string {
  const secrets = createSecrets()
  secrets.add(secret)
  return secrets.redact(`<${form}>`)
}

const strict = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, sign => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
const form = (text: string) => new URLSearchParams({ s: text }).toString().slice(2)
const lower = (text: string) => text.replace(/%../g, code => code.toLowerCase())
const json = (text: string) => JSON.stringify(text).slice(1, -1)

const FORMS: Record<string, string> = {
  plain: SECRET,
  'in a URL': encodeURIComponent(SECRET),
  'in a URL, strictly': strict(SECRET),
  'in a form': form(SECRET),
  'in a form, in lower case': lower(form(SECRET)),
  'in JSON': json(SECRET),
  'in JSON, with escaped slashes': json(SECRET).replaceAll('/', '\\/'),
  'in JSON, in ASCII': json(SECRET).replace('é', '\\u00e9'),
  'in HTML': SECRET.replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;'),
  'in base64': Buffer.from(SECRET).toString('base64')
}

describe('a secret is replaced', () => {
  it.each(Object.entries(FORMS))('%s, as log and summary print it', (_, text) => {
    for (const print of [String, harmless, oneLine, markdown]) expect(left(print(text))).toBe('<***>')
  })

  it.each(['', 'u', 'us', 'user'])('in base64 beside a user name: %j', user => {
    for (const encoding of ['base64', 'base64url'] as const) {
      const whole = Buffer.from(`${user}:${SECRET}:more`).toString(encoding)
      const rest = left(whole).replace('***', '').slice(1, -1)
      // The characters that it shares with its neighbours.
      expect(rest.length).toBeLessThan(16)
      expect(Buffer.from(rest, 'base64').toString()).not.toMatch(/horse|tt|ry/)
    }
  })

  it('when a form is quoted by a message in JSON, of which the log prints the words', () => {
    const quoted = JSON.parse(JSON.stringify({ error: `refused: client_secret=${form(SECRET)}&x=1` })).error
    expect(left(quoted)).toBe('<refused: client_secret=***&x=1>')
  })

  it('also one that a mask looks like', () => {
    for (const text of ['*', '**', '***', '*a']) expect(left(markdown(text), text)).toBe('<***>')
  })

  it('in all of these forms, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), text => {
        const secret = text.trim()
        // A secret of one sign that stands in the frame is found there too.
        fc.pre(secret !== '' && !/^[<>]$|[\r\n]/.test(secret))
        for (const encode of [encodeURIComponent, strict, form, json])
          for (const print of [String, markdown]) expect(left(print(encode(secret)), secret)).toBe('<***>')
      })
    )
  })

  it('and its lines, in each form', () => {
    const key = '-----BEGIN PRIVATE KEY-----\nMIIB+/ab==\nxyz1 2345\n-----END PRIVATE KEY-----'
    expect(left(json(key), key)).not.toMatch(/MIIB|2345/)
    expect(left(form(key), key)).not.toMatch(/MIIB|2345/)
  })
})
