/** PEM text as it comes out of secret stores. */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'

/** What a PEM input has to hold. */
export type PemKind = 'certificate' | 'private key'

/** A part of PEM text, with its two lines. */
interface Block {
  readonly label: string
  readonly text: string
}

/** PEM text that can be used, or what is wrong with it, worded to follow the input's name. */
export type Pem = { readonly pem: string } | { readonly wrong: string }

const LABELS: Readonly<Record<PemKind, RegExp>> = {
  certificate: /^(?:X509 |TRUSTED )?CERTIFICATE$/,
  'private key': /^(?:[A-Z]+ )?PRIVATE KEY$/
}

const AGAIN = 'Store the PEM file again, as it is, with its line breaks'

/** Headers of a key that is encrypted in OpenSSL's old way. */
const HEADERS = /^\s*(Proc-Type:\s*\S+)\s+(DEK-Info:\s*\S+)\s+/

/**
 * PEM text, given as such or as the path of a file. Line breaks that were lost on the way are put back: `\n` as two
 * characters, blanks in their place, none at all; CRLF, indents and quotation marks do no harm.
 */
export function readPem(textOrPath: string, kind: PemKind): Pem {
  const text = textOrPath.includes('-----BEGIN') ? textOrPath : contentOf(textOrPath)
  if (text === undefined || !text.includes('-----BEGIN'))
    return { wrong: 'is neither PEM text (-----BEGIN …) nor the path of a readable PEM file' }
  const blocks = blocksOf(text)
  if (!Array.isArray(blocks)) return blocks
  const labels = blocks.map(one => one.label)
  if (!labels.some(label => LABELS[kind].test(label)))
    return { wrong: `holds no ${kind}, but: ${[...new Set(labels)].join(', ').toLowerCase()}` }
  const wrong = kind === 'certificate' ? certificateFault(blocks) : undefined
  return wrong === undefined ? { pem: blocks.map(one => one.text).join('') } : { wrong }
}

function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

function blocksOf(given: string): Block[] | { wrong: string } {
  const text = given.replace(/(?:\\{1,8}r)?\\{1,8}n/g, '\n')
  const blocks: Block[] = []
  let at = text.indexOf(BEGIN)
  while (at >= 0) {
    const block = blockAt(text, at)
    if (block === undefined)
      return {
        wrong: `is cut: a line -----BEGIN …----- has no line -----END …----- of the same name. ${AGAIN}`
      }
    const { label, end } = block
    const lines = linesOf(block.body)
    if (lines === undefined)
      return {
        wrong: `is damaged: what stands between the lines of its ${label.toLowerCase()} is not base64. ${AGAIN}`
      }
    blocks.push({ label, text: `-----BEGIN ${label}-----\n${lines}-----END ${label}-----\n` })
    at = text.indexOf(BEGIN, end)
  }
  return blocks
}

const BEGIN = '-----BEGIN'

/** The block that begins there, without its two lines; undefined where it has no end. */
function blockAt(text: string, at: number): { label: string; body: string; end: number } | undefined {
  const start = at + BEGIN.length + 1
  const label = text.slice(start, text.indexOf('-----', start))
  if (text[start - 1] !== ' ' || !/^[A-Z0-9 ]{1,100}$/.test(label)) return undefined
  const last = `-----END ${label}-----`
  const end = text.indexOf(last, start)
  if (end < 0) return undefined
  return { label, body: text.slice(start + label.length + 5, end), end: end + last.length }
}

/** The text between the two lines, in lines of 64 characters; undefined for what is no base64. */
function linesOf(body: string): string | undefined {
  const [found = '', ...headers] = HEADERS.exec(body) ?? []
  const base64 = body.slice(found.length).replace(/\s+/g, '')
  if (base64.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return undefined
  const head = headers.length === 0 ? '' : `${headers.join('\n')}\n\n`
  return `${head}${base64.replace(/.{1,64}/g, '$&\n')}`
}

function certificateFault(blocks: readonly Block[]): string | undefined {
  const plain = blocks.filter(one => one.label === 'CERTIFICATE')
  const broken = plain.findIndex(one => certificateOf(one.text) === undefined)
  if (broken < 0) return undefined
  const which = plain.length === 1 ? 'the certificate' : `certificate number ${broken + 1}`
  return `is damaged: ${which} in it cannot be read. ${AGAIN}`
}

/** The first certificate. */
function certificateOf(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem)
  } catch {
    return undefined
  }
}

/** What is wrong with a client's key, as a whole sentence; undefined when it belongs to the certificate. */
export function keyFault(
  key: string,
  passphrase: string | undefined,
  certificate: string | undefined
): string | undefined {
  try {
    const parsed = createPrivateKey({ key, ...(passphrase === undefined ? {} : { passphrase }) })
    return certificateOf(certificate ?? '')?.checkPrivateKey(parsed) === false
      ? '`client-key` does not belong to `client-certificate`: it is the key of another certificate'
      : undefined
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ERR_MISSING_PASSPHRASE' || (passphrase === undefined && isEncrypted(key)))
      return '`client-key` is encrypted: give `client-key-passphrase` too'
    if (isEncrypted(key)) return '`client-key-passphrase` does not open `client-key`, or the key is damaged'
    return `\`client-key\` is damaged: the key in it cannot be read. ${AGAIN}`
  }
}

/** Whether a passphrase is needed to read a key. */
export function isEncrypted(key: string): boolean {
  // The second as OpenSSL once wrote it.
  return key.includes('-----BEGIN ENCRYPTED ') || /Proc-Type:[^:]{0,20}ENCRYPTED/.test(key)
}
