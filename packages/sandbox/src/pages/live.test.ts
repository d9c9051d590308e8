import { afterEach, expect, it } from '@jest/globals'
import { type Sandbox, startSandbox } from '../sandbox.ts'
import { newChange, request } from '../testing/caller.ts'

let sandbox: Sandbox

afterEach(() => sandbox.stop())

/** Reads the events until they contain a text. */
async function readUntil(response: Response, text: string): Promise<string> {
  let read = ''
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    read += Buffer.from(chunk).toString('utf8')
    if (read.includes(text)) break
  }
  return read
}

/** The versions that a page carries, as the query of its events. */
async function versionsOnPage(): Promise<string> {
  const { text } = await request(sandbox.url)
  const [, data, requests] = /data-data="(\d+)" data-requests="(\d+)"/.exec(text) ?? []
  return `data=${data}&requests=${requests}`
}

it('events tell what changes, and what changed between the page and the connection', async () => {
  sandbox = await startSandbox({ approvalDelayMs: 0 })
  const versions = await versionsOnPage()
  const waiting = await fetch(`${sandbox.url}/events?${versions}`)
  expect(waiting.headers.get('content-type')).toBe('text/event-stream')
  await newChange(sandbox)
  const told = await readUntil(waiting, 'data: data')
  expect(told.startsWith('retry: 1000\n\n')).toBe(true)
  const late = await fetch(`${sandbox.url}/events?${versions}`)
  expect(await readUntil(late, 'data: requests')).toBe('retry: 1000\n\ndata: data\n\ndata: requests\n\n')
})
