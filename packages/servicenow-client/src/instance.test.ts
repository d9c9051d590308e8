import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { parseApiPath, parseInstance } from './instance.ts'

const LOOPBACK = ['localhost', '[::1]']

function isLoopback(host: string): boolean {
  return LOOPBACK.includes(host) || /^127\.\d+\.\d+\.\d+$/.test(host)
}

describe('the instance input', () => {
  it.each([
    ['acme', 'https://acme.service-now.com'],
    ['  ACME-dev ', 'https://acme-dev.service-now.com'],
    ['dev12345', 'https://dev12345.service-now.com'],
    ['acme.service-now.com', 'https://acme.service-now.com'],
    ['https://Acme.service-now.com/', 'https://acme.service-now.com'],
    ['https://change.acme.example', 'https://change.acme.example'],
    ['https://change.acme.example:8443', 'https://change.acme.example:8443'],
    ['https://change.acme.example:443', 'https://change.acme.example'],
    ['change.acme.example:8443', 'https://change.acme.example:8443'],
    ['https://übung.example', 'https://xn--bung-zra.example'],
    ['https://acme。service-now。com', 'https://acme.service-now.com'],
    ['http://localhost:3000', 'http://localhost:3000'],
    ['HTTP://LOCALHOST:3000/', 'http://localhost:3000'],
    ['http://127.0.0.1:3000', 'http://127.0.0.1:3000'],
    ['http://127.1:3000', 'http://127.0.0.1:3000'],
    ['http://127.255.0.9', 'http://127.255.0.9'],
    ['http://[::1]:3000', 'http://[::1]:3000'],
    ['http://[0:0:0:0:0:0:0:1]:3000', 'http://[::1]:3000'],
    ['https://localhost:8443', 'https://localhost:8443'],
    ['localhost:8443', 'https://localhost:8443'],
    ['localhost', 'https://localhost'],
    ['https://[2001:db8::1]', 'https://[2001:db8::1]']
  ])('%s becomes %s', (text, origin) => expect(parseInstance(text)).toBe(origin))

  it.each([
    ['', 'is not a host name'],
    ['https://', 'is not a host name'],
    ['https:acme', 'is not a host name'],
    ['http://acme.service-now.com', 'must use https (http is for loopback hosts alone)'],
    ['http://acme', 'must use https'],
    ['http://127.0.0.1.evil.example', 'must use https'],
    ['http://localhost.evil.example', 'must use https'],
    ['http://0.0.0.0:3000', 'must use https'],
    ['http://[::ffff:127.0.0.1]', 'must use https'],
    ['http://[::2]', 'must use https'],
    ['http://128.0.0.1', 'must use https'],
    ['ftp://acme.service-now.com', 'must use https, not ftp'],
    ['file:///etc/passwd', 'is not a host name'],
    ['javascript://acme.example/%0aalert(1)', 'must use https, not javascript'],
    ['https://user@acme.service-now.com', 'must not carry user info'],
    ['https://user:pw@acme.service-now.com', 'must not carry user info'],
    ['https://@acme.service-now.com', 'must not carry user info'],
    ['https://acme.service-now.com@evil.example', 'must not carry user info'],
    ['acme@evil.example', 'must not carry user info'],
    ['https://acme.service-now.com/now', 'must not have a path'],
    ['acme.service-now.com/api/', 'must not have a path'],
    ['https://acme.service-now.com?x=1', 'must not have a query or a fragment'],
    ['https://acme.service-now.com/?', 'must not have a query or a fragment'],
    ['https://acme.service-now.com#x', 'must not have a query or a fragment'],
    ['https://acme.service-now.com\\.evil.example', 'has a space or a backslash in it'],
    ['https:\\\\evil.example', 'has a space or a backslash in it'],
    ['https://acme\tservice-now.com', 'has a space or a backslash in it'],
    ['https://acme.service-now.com\n.evil.example', 'has a space or a backslash in it'],
    ['acme service-now.com', 'is not a host name'],
    ['https://acme.service-now.com:99999', 'is not a host name'],
    ['https://acme＠evil.example', 'is not a host name'],
    ['https://acme.example／evil.example', 'is not a host name']
  ])('%j is refused: %s', (text, wrong) => {
    expect(() => parseInstance(text)).toThrow(wrong)
    expect(() => parseInstance(text)).toThrow(
      'give a name (acme), a host (acme.service-now.com) or an https origin'
    )
  })
})

it('any input becomes an https origin or a loopback origin, or is refused', () => {
  const piece = fc.constantFrom(
    ...[
      'http',
      'https',
      ':',
      '/',
      '//',
      '\\',
      '@',
      '?',
      '#',
      '.',
      '%2f',
      '%00',
      '\t',
      ' ',
      '[',
      ']',
      '::1',
      '127.0.0.1'
    ],
    ...[
      'localhost',
      'acme',
      'evil.example',
      'service-now.com',
      '0x7f.1',
      '。',
      '＠',
      '\u00ad',
      '\u202e',
      'é',
      '-',
      '443'
    ]
  )
  const text = fc.oneof(
    fc.array(piece, { maxLength: 8 }).map(pieces => pieces.join('')),
    fc.string({ unit: 'grapheme', maxLength: 30 }),
    fc.webUrl({ withQueryParameters: true, withFragments: true })
  )
  fc.assert(
    fc.property(text, given => {
      let origin: string
      try {
        origin = parseInstance(given)
      } catch {
        return
      }
      const url = new URL(origin)
      expect(url.origin).toBe(origin)
      expect(url.username + url.password).toBe('')
      expect(url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname))).toBe(true)
      // The origin is parsed to itself, so it has no other host in it.
      expect(parseInstance(origin)).toBe(origin)
    }),
    { numRuns: 2_000 }
  )
})

describe('the path of the APIs', () => {
  it.each([
    ['/itsm/prod', '/itsm/prod'],
    ['itsm', '/itsm'],
    ['/itsm/prod/', '/itsm/prod'],
    ['a.b_c-1', '/a.b_c-1'],
    ['/', '']
  ])('%s becomes %s', (text, path) => expect(parseApiPath(text)).toBe(path))

  it.each([
    ['/it sm'],
    ['/itsm?x=1'],
    ['/itsm#x'],
    ['/itsm%2Fx'],
    ['https://evil.example'],
    ['@evil.example'],
    ['\\evil'],
    ['//evil.example'],
    ['/itsm//x'],
    ['/../x'],
    ['/./x'],
    ['/itsm/..'],
    ['/itsm/api']
  ])('%s is refused', text => expect(() => parseApiPath(text)).toThrow(/^must /))
})
