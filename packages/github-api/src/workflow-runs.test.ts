import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from '@jest/globals'
import { isRunCompleted } from './workflow-runs.ts'

async function withServer(answer: RequestListener, body: (url: string) => Promise<void>): Promise<void> {
  const server = createServer(answer)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  try {
    await body(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

const never = (_: number, signal: AbortSignal) =>
  new Promise<void>(resolve => signal.addEventListener('abort', () => resolve(), { once: true }))

const question = { repository: 'acme/shop', token: 'token', runId: '1', debug: () => undefined }

describe('whether a run has completed', () => {
  it.each([
    ['completed', true],
    ['in_progress', false],
    ['queued', false]
  ])('status %s: %s', async (status, expected) => {
    const paths: (string | undefined)[] = []
    await withServer(
      (request, response) => {
        paths.push(request.url)
        response.writeHead(200, { 'Content-Type': 'application/json' })
        response.end(JSON.stringify({ status }))
      },
      async apiUrl => {
        expect(await isRunCompleted({ ...question, apiUrl: `${apiUrl}/`, sleep: never })).toBe(expected)
        expect(paths).toEqual(['/repos/acme/shop/actions/runs/1'])
      }
    )
  })

  it('cannot be told by a run that is not there, and a refusal is explained in the debug log', async () => {
    const told: string[] = []
    await withServer(
      (request, response) => {
        response.writeHead(request.url?.endsWith('/1') ? 404 : 403, { 'Content-Type': 'application/json' })
        response.end('{"message":"no"}')
      },
      async apiUrl => {
        const all = { ...question, apiUrl, sleep: never, debug: (text: string) => void told.push(text) }
        expect(await isRunCompleted(all)).toBeUndefined()
        expect(told).toEqual([])
        expect(await isRunCompleted({ ...all, runId: '2' })).toBeUndefined()
        expect(told).toEqual([expect.stringContaining('about run 2')])
      }
    )
  })

  it('cannot be told by a response that stalls, nor without a token', async () => {
    await withServer(
      (_, response) => {
        response.writeHead(200, { 'Content-Type': 'application/json' })
        response.write('{"status":')
      },
      async apiUrl => {
        expect(await isRunCompleted({ ...question, apiUrl, sleep: async () => undefined })).toBeUndefined()
        const asked = () => Promise.reject(new Error('asked'))
        expect(await isRunCompleted({ ...question, apiUrl, token: undefined, sleep: asked })).toBeUndefined()
      }
    )
  })
})
