import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { POLICY_KEYS } from '@change-actions/github-actions/policy'
import { describe, expect, it } from '@jest/globals'
import { parse } from 'yaml'
import * as z from 'zod'
import { ROOT } from './action-docs.ts'
import { knownInputsText } from './policy-keys.ts'
import { policyJsonSchema, SCHEMA_FILE } from './policy-schema.ts'

const committed = () => JSON.parse(readFileSync(join(ROOT, SCHEMA_FILE), 'utf8'))
const accepts = (content: unknown): boolean => z.fromJSONSchema(committed()).safeParse(content).success

describe('the schema for editors', () => {
  it('is up to date (npm run docs)', () => {
    expect(committed()).toEqual(JSON.parse(JSON.stringify(policyJsonSchema())))
  })

  it('is made of the same inputs as the file is read with (npm run docs)', () => {
    const text = readFileSync(join(ROOT, 'packages/github-actions/src/policy/known-inputs.ts'), 'utf8')
    const content = (source: string) => {
      const [, object] = source.split(/^\} = /m)
      return parse(object ?? '')
    }
    expect(content(text)).toEqual(content(knownInputsText()))
  })

  it('takes the policy of the documentation', () => {
    const pages = ['actions/gate/README.md', 'docs/policy.md', 'examples/servicenow-change.yml']
      .map(page => readFileSync(join(ROOT, page), 'utf8'))
      .map(text => (text.startsWith('# yaml') ? `\`\`\`yml\n${text}\`\`\`` : text))
    const examples = [...pages.join('\n').matchAll(/```ya?ml\n(# yaml-language-server[\s\S]*?)```/g)].map(
      ([, yaml]) => yaml ?? ''
    )
    expect(examples).toHaveLength(3)
    for (const yaml of examples) {
      expect(accepts(parse(yaml))).toBe(true)
      expect(yaml).toContain(committed().$id)
    }
  })

  it.each([
    [
      { unlisted: 'free', environments: { production: { cmdb_ci: 'x', 'on-success': 'review' }, dev: null } },
      true
    ],
    [{ defaults: { timeout: 90, 'proceed-states': ['scheduled', -1], fields: { u_a: 1 } } }, true],
    [{ unlisted: 'maybe' }, false],
    [{ defaults: { tiemout: 1 } }, false],
    [{ defaults: { password: 'x' } }, false],
    [{ defaults: { instance: 'acme' } }, false],
    [{ defaults: { 'change-controlled': false } }, false],
    [{ environments: { production: { 'on-success': 'closed' } } }, false],
    [{ environments: { production: { timeout: ['1h'] } } }, false],
    [{ environments: { production: { reuse: 'yes' } } }, false],
    [{ 'change-controlled': false, enforce: { type: ['normal', 'emergency'], timeout: '4h' } }, true],
    [
      { environments: { a: { enforce: { wait_states: [['new'], ['new', 'assess']], fields: [{ a: 1 }] } } } },
      true
    ],
    [{ enforce: { type: ['normal', 'urgent'] } }, false],
    [{ enforce: { password: 'x' } }, false],
    [{ enforce: { timeout: [] } }, false],
    [{ names: { 'cmdb-ci': { shop: 'a'.repeat(32) }, assignment_group: {} } }, true],
    [{ names: { 'cmdb-ci': { shop: 'CI0001' } } }, false],
    [{ names: { timeout: {} } }, false]
  ])('says of %j: %s', (content, taken) => {
    expect(accepts(content)).toBe(taken)
  })

  it('describes every key', () => {
    const { properties } = committed()
    const section = properties.environments.additionalProperties.properties
    expect(Object.keys(section)).toEqual([
      'change-controlled',
      'enforce',
      ...Object.keys(POLICY_KEYS.allowed)
    ])
    for (const one of [...Object.values(properties), ...Object.values(section)] as { description?: string }[])
      expect(one.description).toMatch(/\w{3}/)
    expect(section['on-failure'].enum).toEqual(['close', 'review', 'none'])
  })
})
