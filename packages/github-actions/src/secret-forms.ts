/** Every form in which a secret can turn up in a text: a server that quotes a request quotes what was on the wire. */
import { harmless, markdown, oneLine } from './text.ts'

/** Fewer characters of base64 or of escapes than this occur by chance. */
const MIN_BASE64 = 8

/** A secret as it may turn up in a message, encoded once, and that as log and summary print it. */
export function formsOf(secret: string): readonly string[] {
  const forms = [...wireForms(secret)].flatMap(printedForms)
  return [...new Set([...forms, ...base64Forms(secret)])].filter(form => form !== '')
}

function wireForms(secret: string): Set<string> {
  const percent = [encodeURIComponent(wellFormed(secret)), strictlyEncoded(secret), formEncoded(secret)]
  const json = JSON.stringify(secret).slice(1, -1)
  return new Set([
    secret,
    ...percent,
    ...percent.map(text => text.replace(/%[0-9A-F]{2}/g, code => code.toLowerCase())),
    json,
    json.replaceAll('/', '\\/'),
    inAscii(json),
    inAscii(json).replaceAll('/', '\\/'),
    ...htmlForms(secret)
  ])
}

/** In plain, in an annotation, in a summary; the last one inside of a line, where its first character needs no escape. */
function printedForms(text: string): string[] {
  const inside = markdown(`x${text}`).slice(1)
  return [text, harmless(text), oneLine(text, Number.POSITIVE_INFINITY), markdown(text), inside]
}

/** Halves of surrogate pairs have no encoding. */
function wellFormed(text: string): string {
  return Buffer.from(text).toString()
}

/** `application/x-www-form-urlencoded`, as a sign-in sends it. */
function formEncoded(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1)
}

/** RFC 3986: also what `encodeURIComponent` leaves as it is. */
function strictlyEncoded(text: string): string {
  return encodeURIComponent(wellFormed(text)).replace(/[!'()*]/g, hexOf)
}

function hexOf(sign: string): string {
  return `%${sign.charCodeAt(0).toString(16).toUpperCase()}`
}

/** `\u00e9`. */
function inAscii(json: string): string {
  return json.replace(/[^\x20-\x7e]/g, sign => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** In a web page; quotation marks and slashes have several spellings. */
function htmlForms(text: string): string[] {
  const html = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  const quoted = html.replaceAll('"', '&quot;')
  return [
    html,
    quoted,
    ...['&#39;', '&#x27;', '&apos;'].map(apostrophe => quoted.replaceAll("'", apostrophe)),
    quoted.replaceAll("'", '&#x27;').replaceAll('/', '&#x2F;')
  ]
}

/**
 * What is left of a secret in base64, whatever stands before and after it (`user:password`): the characters that none of
 * its neighbours has a part in, for each of the three places at which it can begin.
 */
function base64Forms(secret: string): string[] {
  const bytes = Buffer.from(secret)
  const inner = [0, 1, 2].map(before => {
    const whole = Buffer.concat([Buffer.alloc(before), bytes])
    const first = Math.ceil((before * 8) / 6)
    return whole.toString('base64').slice(first, Math.floor((whole.length * 8) / 6))
  })
  const all = [bytes.toString('base64'), ...inner.filter(text => text.length >= MIN_BASE64)]
  return all.flatMap(text => [text, text.replaceAll('+', '-').replaceAll('/', '_')])
}
