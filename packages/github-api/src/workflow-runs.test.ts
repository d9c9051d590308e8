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

  it('cannot be told by a run that is not there or may not be read, which the debug log explains', async () => {
    const told: string[] = []
    await withServer(
      (request, response) => {
        response.writeHead(request.url?.endsWith('/1') ? 404 : 403, { 'Content-Type': 'application/json' })
        response.end('{"message":"no"}')
      },
      async apiUrl => {
        const all = { ...question, apiUrl, sleep: never, debug: (text: string) => void told.push(text) }
        expect(await isRunCompleted(all)).toBeUndefined()
        expect(await isRunCompleted({ ...all, runId: '2' })).toBeUndefined()
        expect(told).toEqual([
          expect.stringMatching(/about run 1: not-found /),
          expect.stringMatching(/about run 2: no-permission /)
        ])
        expect(told.join()).not.toContain(question.token)
      }
    )
  })

  it.each<[string, string, Record<string, string>, number?]>([
    ['a page', '<html>completed</html>', { 'Content-Type': 'text/html' }],
    ['half a run', '{"status":"comp', { 'Content-Type': 'application/json' }],
    ['a run without a status', '{"id":1}', { 'Content-Type': 'application/json' }],
    ['a list', '[]', { 'Content-Type': 'application/json' }]
  ])('cannot be told by %s', async (_, body, headers) => {
    await withServer(
      (_request, response) => {
        response.writeHead(200, headers)
        response.end(body)
      },
      async apiUrl => expect(await isRunCompleted({ ...question, apiUrl, sleep: never })).toBeUndefined()
    )
  })

  it('cannot be told by a response that is cut', async () => {
    await withServer(
      (_, response) => {
        response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': '99' })
        response.write('{"status":"completed"', () => response.destroy())
      },
      async apiUrl => expect(await isRunCompleted({ ...question, apiUrl, sleep: never })).toBeUndefined()
    )
  })

  it('is not asked of another host', async () => {
    const asked: (string | undefined)[] = []
    await withServer(
      (request, response) => {
        asked.push(request.headers.authorization)
        response.writeHead(200, { 'Content-Type': 'application/json' })
        response.end('{"status":"completed"}')
      },
      other =>
        withServer(
          (_, response) => response.writeHead(302, { Location: `${other}/` }).end(),
          async apiUrl => expect(await isRunCompleted({ ...question, apiUrl, sleep: never })).toBeUndefined()
        )
    )
    expect(asked).toEqual([])
  })

  it.each([
    ['a run', { runId: '../../user' }],
    ['a repository', { repository: 'acme' }],
    ['an API', { apiUrl: 'nowhere' }]
  ])('is asked of nobody with something that is not the name of %s', async (_, wrong) => {
    const asked: unknown[] = []
    const fetch = async (url: unknown) => {
      asked.push(url)
      return Response.json({ status: 'completed' })
    }
    const all = { ...question, apiUrl: 'http://127.0.0.1:9', sleep: never, fetch }
    expect(await isRunCompleted(all)).toBe(true)
    expect(await isRunCompleted({ ...all, ...wrong })).toBeUndefined()
    expect(asked).toHaveLength(1)
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
