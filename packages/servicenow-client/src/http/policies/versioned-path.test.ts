import type { ServerResponse } from 'node:http'
import { describe, expect, it } from '@jest/globals'
import { json } from '../../testing/loopback.ts'
import { problemOf } from '../../testing/options.ts'
import { get, patch, type Respond, usePipelines } from '../../testing/pipelines.ts'

const pipelineTo = usePipelines()

const failure = (message: string) => ({ error: { message, detail: '' }, status: 'failure' })
const ABSENT: Record<string, (response: ServerResponse) => void> = {
  'a page': response => response.writeHead(404, { 'Content-Type': 'text/html' }).end('<title>404</title>'),
  'JSON of a gateway': response => json(response, 404, { message: 'no Route matched with those values' }),
  'an error object of a gateway': response => json(response, 404, { error: { code: '404', message: 'x' } }),
  'nothing at all': response => response.writeHead(404).end(),
  'the words of an instance': response =>
    json(response, 400, failure('Requested URI does not represent any resource'))
}
const only =
  (
    prefix: RegExp,
    absent = ABSENT['a page'],
    found: Respond = (_, response) => json(response, 200, { result: 1 })
  ): Respond =>
  (request, response, before) =>
    prefix.test(request.path) ? found(request, response, before) : absent?.(response)

const V1 = /^\/api\/sn_chg_rest\/v1\//
const PLAIN = /^\/api\/sn_chg_rest\/change/
const read = (id: string) => get({ path: `/api/sn_chg_rest/v1/change/${id}` })
const pathsOf = (seen: readonly { path: string }[]) => seen.map(one => one.path)

describe('/api/sn_chg_rest/v1', () => {
  it.each(Object.entries(ABSENT))(
    'falls back to the path without a version after %s, once',
    async (_, absent) => {
      const { pipeline, seen } = await pipelineTo(only(PLAIN, absent))
      expect(await pipeline.request(read('a'))).toEqual({ result: 1 })
      await pipeline.request(read('b'))
      expect(pathsOf(seen)).toEqual([
        '/api/sn_chg_rest/v1/change/a',
        '/api/sn_chg_rest/change/a',
        '/api/sn_chg_rest/change/b'
      ])
      expect(pipeline.stats).toEqual({ requests: 3, requestErrors: 1 })
    }
  )

  it('falls back with a write, which was not carried out, and its query and body', async () => {
    const { pipeline, seen } = await pipelineTo(only(PLAIN))
    await pipeline.request(patch({ path: '/api/sn_chg_rest/v1/change/a', query: { b: 'c' } }))
    expect(seen[1]).toMatchObject({ method: 'PATCH', url: '/api/sn_chg_rest/change/a?b=c' })
    expect(String(seen[1]?.body)).toBe('{"a":1}')
  })

  it('remembers the other path from an unknown record, too', async () => {
    const found: Respond = (_, response) => json(response, 404, failure('Change Request not found'))
    const { pipeline, seen } = await pipelineTo(only(PLAIN, ABSENT['a page'], found))
    await problemOf('not-found', pipeline.request(read('a')))
    await problemOf('not-found', pipeline.request(read('b')))
    expect(seen).toHaveLength(3)
  })

  it('costs no request where it is there: not for an unknown record, nor later', async () => {
    const { pipeline, seen } = await pipelineTo((_, response, before) =>
      before === 0
        ? json(response, 404, failure('Change Request not found'))
        : json(response, 404, { message: 'none' })
    )
    await problemOf('not-found', pipeline.request(read('a')))
    await problemOf('not-found', pipeline.request(read('b')))
    expect(seen).toHaveLength(2)
  })

  it.each([401, 403, 429, 500, 503])(
    'is kept after status %s, which says nothing about the path',
    async status => {
      const { pipeline, seen } = await pipelineTo((request, response, before) =>
        before === 0 ? json(response, status, failure('no')) : only(PLAIN)(request, response, before)
      )
      await expect(pipeline.request(read('a'))).rejects.toThrow()
      expect(seen).toHaveLength(1)
      expect(await pipeline.request(read('b'))).toEqual({ result: 1 })
    }
  )

  it('is what is reported where there is neither of them, and asked alone from then on', async () => {
    const { pipeline, seen } = await pipelineTo((_, response) => ABSENT['a page']?.(response))
    await problemOf('not-servicenow', pipeline.request(read('a')))
    await problemOf('not-servicenow', pipeline.request(read('b')))
    expect(pathsOf(seen)).toEqual([
      '/api/sn_chg_rest/v1/change/a',
      '/api/sn_chg_rest/change/a',
      '/api/sn_chg_rest/v1/change/b'
    ])
  })

  it('is no matter of other paths', async () => {
    const { pipeline, seen } = await pipelineTo(only(V1))
    await problemOf('not-servicenow', pipeline.request(get()))
    expect(seen).toHaveLength(1)
  })
})

describe('a path of the APIs', () => {
  it('stands in front of every request, the sign-in and the path without a version included', async () => {
    const events: string[] = []
    const { pipeline, seen } = await pipelineTo(
      (request, response) => {
        if (request.path === '/itsm/oauth_token.do') return json(response, 200, { access_token: 't' })
        if (request.path === '/itsm/api/sn_chg_rest/change/a') return json(response, 200, { result: 1 })
        ABSENT['a page']?.(response)
      },
      {
        apiPath: '/itsm',
        credentials: { scheme: 'oauth-client-credentials', clientId: 'id', clientSecret: 's' },
        onEvent: event => void (event.type === 'attempt-started' && events.push(event.path))
      }
    )
    await pipeline.request(read('a'))
    expect(pathsOf(seen)).toEqual(events)
    expect(events).toEqual([
      '/itsm/oauth_token.do',
      '/itsm/api/sn_chg_rest/v1/change/a',
      '/itsm/api/sn_chg_rest/change/a'
    ])
  })

  it('is named when the sign-in fails', async () => {
    const { pipeline } = await pipelineTo((_, response) => response.writeHead(404).end(), {
      apiPath: '/itsm',
      credentials: { scheme: 'oauth-client-credentials', clientId: 'id', clientSecret: 's' }
    })
    const { facts } = await problemOf('sign-in-missing', pipeline.request(get()))
    expect(facts.operation).toMatch(/^signing in at 127\.0\.0\.1:\d+\/itsm\/oauth_token\.do$/)
  })
})
