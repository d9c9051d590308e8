import { extname } from 'node:path'

/** Where the library knows nothing, or knows better than the systems that show attachments. */
const OWN: Readonly<Record<string, string>> = {
  '.sarif': 'application/json',
  '.log': 'text/plain',
  '.xml': 'application/xml',
  '.trx': 'application/xml',
  '.tap': 'text/plain'
}

/** The MIME type of a file, by the extension of its path or else of the name it goes by. */
export async function contentTypeOf(path: string, name = ''): Promise<string> {
  const { default: mime } = await import('mime')
  const typeOf = (of: string): string | null => OWN[extname(of).toLowerCase()] ?? mime.getType(extname(of))
  return typeOf(path) ?? typeOf(name) ?? 'application/octet-stream'
}
