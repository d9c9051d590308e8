import { expect, it, jest } from '@jest/globals'
import { chain, isJson, type Policy, parsed, type Request } from './message.ts'

const JSON_TYPE = { 'content-type': 'application/json;charset=UTF-8' }
const REQUEST: Request = {
  operation: 'reading a thing',
  method: 'GET',
  path: '/api/thing',
  headers: {},
  repeatable: true,
  maxRetries: 0,
  attempt: 1
}

it.each([
  ['JSON', '{"result":[1]}', JSON_TYPE, { result: [1] }],
  ['null', 'null', JSON_TYPE, null],
  ['JSON that was cut short', '{"result":[', JSON_TYPE, undefined],
  ['an empty body', '', JSON_TYPE, undefined],
  ['JSON that is said to be a page', '{}', { 'content-type': 'text/html' }, undefined]
])('the body of %s', (_, text, headers, body) => {
  expect(parsed({ status: 200, text, headers })).toEqual({ status: 200, text, headers, body })
})

it('a body is parsed once', () => {
  const parse = jest.spyOn(JSON, 'parse')
  try {
    parsed({ status: 200, text: '{}', headers: JSON_TYPE })
    expect(parse).toHaveBeenCalledTimes(1)
  } finally {
    parse.mockRestore()
  }
})

it('a content type is JSON by its words', () => {
  expect(isJson({ 'content-type': 'application/problem+json' })).toBe(true)
  expect(isJson({ 'content-type': 'text/jsonish' })).toBe(false)
  expect(isJson({})).toBe(false)
})

it('the first policy is outermost', async () => {
  const order: string[] = []
  const policy =
    (name: string): Policy<string> =>
    async (request, next) => {
      order.push(`${name} in`)
      const result = await next(request)
      order.push(`${name} out`)
      return result
    }
  const send = chain([policy('a'), policy('b')], async ({ path }) => path)
  expect(await send(REQUEST)).toBe('/api/thing')
  expect(order).toEqual(['a in', 'b in', 'b out', 'a out'])
})
