import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { graphqlSubsetOf } from './graphql-subset.ts'
import { OPERATIONS, SOURCES } from './operations.ts'
import { type Description, linesOf, subsetOf } from './subset.ts'

const json = (schema: object) => ({
  description: 'Text',
  content: { 'application/json': { schema, examples: {} } }
})

const SOURCE = {
  openapi: '3.0.3',
  info: {},
  paths: {
    '/b': {
      get: {
        operationId: 'b/get',
        summary: 'Text',
        responses: { 200: json({ $ref: '#/components/schemas/one' }) }
      }
    },
    '/a': { get: { operationId: 'a/get', responses: { 204: { description: 'Text' } } } }
  },
  components: {
    schemas: {
      one: {
        type: 'object',
        description: 'Text',
        properties: {
          description: { type: 'string', nullable: true, enum: ['x'] },
          two: { nullable: true, anyOf: [{ $ref: '#/components/schemas/two' }] }
        }
      },
      two: { type: 'string', example: 'Text' },
      three: { type: 'string' }
    }
  }
} as unknown as Description

describe('the subset of the REST description', () => {
  it('has the operations, all that they refer to, and no texts', () => {
    const { paths, components } = subsetOf(SOURCE, ['b/get'], [])
    expect(Object.keys(paths)).toEqual(['/b'])
    expect(Object.keys(components.schemas ?? {})).toEqual(['one', 'two'])
    expect(JSON.stringify([paths, components])).not.toContain('Text')
  })

  it('keeps members whose names are those of texts, and lets null be what is nullable', () => {
    const { components } = subsetOf(SOURCE, ['b/get'], [])
    expect(components.schemas?.one).toEqual({
      type: 'object',
      properties: {
        description: { type: 'string', nullable: true, enum: ['x', null] },
        two: {
          anyOf: [
            { anyOf: [{ $ref: '#/components/schemas/two' }] },
            { type: 'object', nullable: true, enum: [null] }
          ]
        }
      }
    })
  })

  it('refuses operations that are not there', () => {
    expect(() => subsetOf(SOURCE, ['c/get'], [])).toThrow('no operation c/get')
    expect(() => subsetOf(SOURCE, [], ['four'])).toThrow('#/components/schemas/four')
  })

  it('is written with a line for each path and component', () => {
    const { paths, components } = subsetOf(SOURCE, ['a/get', 'b/get'], ['three'])
    const text = linesOf({ openapi: '3.0.3', paths, components } as never)
    expect(JSON.parse(text)).toEqual({ openapi: '3.0.3', paths, components })
    expect(text.split('\n').filter(line => /^ {2}"\/[ab]"|^ {3}"(one|two|three)"/.test(line))).toHaveLength(5)
  })
})

describe('the subset of the GraphQL schema', () => {
  const SCHEMA =
    'type Query { "Text" a(order: Order): A b: B c: Int } type A implements N { id: ID! b: B } type B { id: ID! } interface N { id: ID! } enum Order { UP }'

  it('has the types named, what their arguments need, and says which fields it lacks', () => {
    const { sdl, leftOut } = graphqlSubsetOf(SCHEMA, ['Query', 'A'])
    expect(sdl.split('\n').sort()).toEqual([
      '',
      'enum Order{UP}',
      'type A{id:ID!}',
      'type Query{a(order:Order):A c:Int}'
    ])
    expect(leftOut).toEqual({ A: ['b'], Query: ['b'] })
  })
})

describe('the committed files', () => {
  const read = (name: string) => readFileSync(join(import.meta.dirname, name), 'utf8')

  it('are of the versions in the list, with their licence', () => {
    const { info, paths } = JSON.parse(read('rest.json'))
    expect(info).toMatchObject({
      version: SOURCES.rest.version,
      'x-license': expect.stringMatching(/^MIT\n/)
    })
    const operations = Object.values(paths).flatMap(item => Object.values(item as object))
    expect(operations.map(({ operationId }) => operationId).sort()).toEqual([...OPERATIONS].sort())
    const head = read('schema.graphql').slice(0, 300)
    expect(head).toContain(`${SOURCES.graphql.name} ${SOURCES.graphql.version}`)
    expect(head).toContain('MIT')
  })
})
