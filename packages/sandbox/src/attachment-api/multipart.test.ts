import { expect, it } from '@jest/globals'
import fc from 'fast-check'
import { parseMultipart } from './multipart.ts'

it('returns every part with its bytes', () => {
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
