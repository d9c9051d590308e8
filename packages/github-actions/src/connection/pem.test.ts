import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from '@jest/globals'
import { CERTIFICATE, CERTIFICATE_KEY, OTHER_CERTIFICATE } from '../testing/certificates.ts'
import { type PemKind, readPem } from './pem.ts'

const folder = mkdtempSync(join(tmpdir(), 'pem-'))
afterAll(() => rmSync(folder, { recursive: true }))

const pemOf = (text: string, kind: PemKind = 'certificate') => {
  const read = readPem(text, kind)
  return 'pem' in read ? read.pem : read.wrong
}
const wrongWith = (text: string, kind: PemKind = 'certificate') => {
  const read = readPem(text, kind)
  return 'wrong' in read ? read.wrong : 'nothing'
}

/** What secret stores, shells and editors make of line breaks. */
const DAMAGES: Record<string, (pem: string) => string> = {
  'as it is': pem => pem,
  'with \\n for line breaks': pem => pem.replaceAll('\n', '\\n'),
  'with \\\\n for line breaks': pem => pem.replaceAll('\n', '\\\\n'),
  'with \\r\\n for line breaks': pem => pem.replaceAll('\n', '\\r\\n'),
  'with \\n beside line breaks': pem => pem.replaceAll('\n', '\\n\n'),
  'with CRLF': pem => pem.replaceAll('\n', '\r\n'),
  'with CR': pem => pem.replaceAll('\n', '\r'),
  'with blanks for line breaks': pem => pem.replaceAll('\n', ' '),
  'with tabs for line breaks': pem => pem.replaceAll('\n', '\t'),
  'without line breaks': pem => pem.replaceAll('\n', ''),
  indented: pem => pem.replaceAll(/^/gm, '    '),
  'in quotation marks': pem => `"${pem.trim()}"`,
  'without the last line break': pem => pem.trim(),
  'after words about it': pem => `Bag Attributes\n    friendlyName: client\nsubject=CN = x\n${pem}`
}

describe.each(Object.entries(DAMAGES))('PEM text %s', (_, damage) => {
  it('is mended', () => {
    expect(pemOf(damage(CERTIFICATE))).toBe(CERTIFICATE)
    expect(pemOf(damage(CERTIFICATE_KEY), 'private key')).toBe(CERTIFICATE_KEY)
    expect(pemOf(damage(CERTIFICATE + OTHER_CERTIFICATE))).toBe(CERTIFICATE + OTHER_CERTIFICATE)
  })

  it('is mended in a file', () => {
    const path = join(folder, 'some.pem')
    writeFileSync(path, damage(CERTIFICATE))
    expect(pemOf(path)).toBe(CERTIFICATE)
  })
})

describe('a key that is encrypted', () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const opens = (key: string) => createPrivateKey({ key, passphrase: 'open' }).type
  const old = privateKey.export({ type: 'pkcs1', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'open' })
  const recent = privateKey.export({
    type: 'pkcs8',
    format: 'pem',
    cipher: 'aes-256-cbc',
    passphrase: 'open'
  })

  it.each(Object.entries(DAMAGES))('is mended %s', (name, damage) => {
    expect(opens(pemOf(damage(String(recent)), 'private key'))).toBe('private')
    // Without any break nobody can tell where its headers end.
    if (name === 'without line breaks')
      expect(wrongWith(damage(String(old)), 'private key')).toMatch(/^is damaged: .* not base64/)
    else expect(opens(pemOf(damage(String(old)), 'private key'))).toBe('private')
  })
})

describe('what cannot be mended is refused', () => {
  const body = CERTIFICATE.split('\n').slice(1, -2).join('\n')

  it.each([
    ['text', 'certificate', /^is neither PEM text/],
    ['/nowhere/some.pem', 'certificate', /^is neither PEM text/],
    [CERTIFICATE.slice(0, 300), 'certificate', /^is cut: /],
    [CERTIFICATE + CERTIFICATE.slice(0, 300), 'certificate', /^is cut: /],
    [CERTIFICATE.replaceAll(' ', ''), 'certificate', /^is cut: /],
    [CERTIFICATE.replace('M', '?'), 'certificate', /^is damaged: what stands between .* not base64/],
    [CERTIFICATE.replace(body, body.slice(0, 194)), 'certificate', /^is damaged: the certificate in it/],
    [
      CERTIFICATE + CERTIFICATE.replace(body, body.slice(0, 129)),
      'certificate',
      /^is damaged: certificate number 2/
    ],
    [CERTIFICATE_KEY.replaceAll('PRIVATE KEY', 'CERTIFICATE'), 'certificate', /^is damaged: the certificate/],
    [CERTIFICATE_KEY, 'certificate', /^holds no certificate, but: private key$/],
    [CERTIFICATE, 'private key', /^holds no private key, but: certificate$/],
    [
      CERTIFICATE_KEY.replaceAll('PRIVATE', 'PUBLIC'),
      'private key',
      /^holds no private key, but: public key$/
    ]
  ] as const)('%#', (text, kind, wrong) => {
    expect(wrongWith(text, kind)).toMatch(wrong)
    // Nothing of a key is shown.
    expect(wrongWith(text, kind)).not.toContain(CERTIFICATE_KEY.slice(60, 80))
  })

  it('and is read where it is right: one file may hold key and certificate', () => {
    const both = CERTIFICATE_KEY + CERTIFICATE
    expect(new X509Certificate(pemOf(both)).subject).toBe('CN=localhost')
    expect(createPrivateKey(pemOf(both, 'private key')).type).toBe('private')
  })
})
