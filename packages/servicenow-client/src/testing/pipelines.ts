import type { ServerResponse } from 'node:http'
import { afterEach, beforeAll } from '@jest/globals'
import nock from '../../../../test/nock.ts'
import type { Call } from '../http/call.ts'
import type { PipelineOptions } from '../http/options.ts'
import { Pipeline } from '../http/pipeline.ts'
import { json, type Loopback, type Seen, serve } from './loopback.ts'
import { testOptions } from './options.ts'

export const OAUTH = {
  scheme: 'oauth-client-credentials',
  clientId: 'id',
  clientSecret: 'secret'
} as const

/** Called for each request: how a server responds, given how many requests came before. */
export type Respond = (request: Seen, response: ServerResponse, before: number) => void

/** Has the tests of a file use real sockets. @returns a function that makes pipelines, which are closed after each test */
export function usePipelines() {
  const open: (() => Promise<void>)[] = []
  beforeAll(() => nock.restore())
  afterEach(async () => {
    for (const close of open.splice(0).reverse()) await close()
  })
  /** A pipeline to a loopback server that calls `respond` for each request. */
  return async (respond: Respond, more: Partial<PipelineOptions> = {}) => {
    const server: Loopback = await serve(respond)
    open.push(server.close)
    const options = testOptions(server.origin, more)
    const pipeline = new Pipeline(options)
    open.push(() => pipeline.close())
    return { server, options, pipeline, seen: server.seen }
  }
}

export function get(more: Partial<Call<unknown>> = {}): Call<unknown> {
  return { operation: 'reading a thing', method: 'GET', path: '/api/thing', read: body => body, ...more }
}

export const patch = (more: Partial<Call<unknown>> = {}) => get({ method: 'PATCH', json: { a: 1 }, ...more })

/** Fails some times, then succeeds. */
export const failing =
  (times: number, status: number, headers: Record<string, string> = {}): Respond =>
  (_, response, before) =>
    before < times
      ? json(response, status, { error: { message: 'x', detail: 'y' } }, headers)
      : json(response, 200, { result: 'there' })
