/** The JSON Schema of the policy file, for editors. Run by itself it writes the file: `node scripts/policy-schema.ts`. */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ENFORCE, policySchema, SWITCH } from '@change-actions/change-control'
import { type Field, SLUG } from '@change-actions/github-actions'
import { POLICY_KEYS } from '@change-actions/github-actions/policy'
import * as z from 'zod/mini'
import { type ActionInput, ROOT } from './action-docs.ts'
import { declaredInputs } from './action-manifests.ts'
import { knownInputs, READERS } from './policy-keys.ts'

export const SCHEMA_FILE = 'schema/servicenow-change.schema.json'

type JsonSchema = Record<string, unknown>

const TEXTS = {
  [SWITCH]: 'false: no deployment of this repository needs a change. Default: true.',
  unlisted:
    'What an environment that is not listed is: controlled, free (no change needed) or error. Default: error.',
  title:
    'Short description of the change, with {repository}, {version} and {environment}. Default: Deploy "{repository}" version {version} to "{environment}".',
  names: 'sys_ids of records by input and name, so that these names are not looked up.',
  states:
    "States of the instance's own: a map of value or label to new, assess, authorize, scheduled, implement, review, closed or canceled.",
  defaults: 'Values for inputs, for every environment. An input of the workflow counts before them.',
  [ENFORCE]:
    'Values that bind, for every environment: one value, or a list of those that are allowed. An input that differs is an error.',
  environments: 'The environments by name, each with values for inputs.'
} as const

const SECTION_TEXTS = {
  [SWITCH]: 'Whether deployments to this environment need a change. Default: true.',
  [ENFORCE]: 'Values that bind in this environment, besides those of the top level.'
} as const

const SYS_ID = { type: 'string', pattern: '^[0-9a-fA-F]{32}$' }

/** The schema as a value; the same for the same inputs. */
export function policyJsonSchema(): JsonSchema {
  const { allowed, named } = POLICY_KEYS
  const { $schema, ...whole } = z.toJSONSchema(policySchema(allowed, named), {
    target: 'draft-7',
    io: 'input'
  })
  const top = (whole as { properties: Record<keyof typeof TEXTS, JsonSchema> }).properties
  const values = valueSchemas(valueSchema)
  const enforced = section(valueSchemas(enforcedSchema))
  const control = { type: 'boolean', description: SECTION_TEXTS[SWITCH] }
  const own = { ...enforced, description: SECTION_TEXTS[ENFORCE] }
  const names = Object.fromEntries(
    named.map(name => [name, { type: 'object', additionalProperties: SYS_ID }])
  )
  return {
    $schema,
    $id: `https://raw.githubusercontent.com/${SLUG}/v1/${SCHEMA_FILE}`,
    title: 'Policy of ServiceNow change control',
    ...whole,
    properties: {
      [SWITCH]: { ...top[SWITCH], description: TEXTS[SWITCH] },
      unlisted: { ...top.unlisted, description: TEXTS.unlisted },
      title: { ...top.title, description: TEXTS.title },
      names: { ...section(names), description: TEXTS.names },
      states: { ...STATES, description: TEXTS.states },
      defaults: { ...section(values), description: TEXTS.defaults },
      [ENFORCE]: { ...enforced, description: TEXTS[ENFORCE] },
      environments: {
        type: ['object', 'null'],
        description: TEXTS.environments,
        additionalProperties: section({ [SWITCH]: control, [ENFORCE]: own, ...values })
      }
    }
  }
}

/** An empty section is one too, and keys are understood in ServiceNow's spelling. */
function section(properties: Record<string, JsonSchema>): JsonSchema {
  const underscored = Object.keys(properties)
    .filter(name => name.includes('-'))
    .map(name => name.replaceAll('-', '_'))
  return {
    type: ['object', 'null'],
    properties,
    patternProperties: { [`^(?:${underscored.join('|')})$`]: {} },
    additionalProperties: false
  }
}

function valueSchemas(schemaOf: (field: Field) => JsonSchema): Record<string, JsonSchema> {
  const texts = Object.assign({}, ...READERS.toReversed().map(declaredInputs)) as Record<string, ActionInput>
  return Object.fromEntries(
    knownInputs().map(field => [
      field.name,
      { description: texts[field.name]?.description, ...schemaOf(field) }
    ])
  )
}

/** As text, too, copied from a workflow. */
const STATES = { type: ['object', 'string'] }
/** One value, or a list of those that are allowed; for an input that is a list, a list of lists. */
function enforcedSchema(field: Field): JsonSchema {
  const one = valueSchema(field)
  return { anyOf: [one, { type: 'array', minItems: 1, items: one }] }
}

const SINGLE = { type: ['string', 'number', 'boolean'] }

/** What an input takes, by its kind; all may also stand as the text that a workflow would give. */
function valueSchema({ meta }: Field): JsonSchema {
  switch (meta.kind) {
    case 'map':
      return { type: ['object', 'string'] }
    case 'list':
      return { type: ['array', 'string'] }
    case 'items':
      return { anyOf: [SINGLE, { type: 'array', items: SINGLE }] }
    case 'boolean':
      return { enum: [true, false, 'true', 'false'] }
    case 'word':
      return { enum: meta.words }
    case 'integer':
      return { type: ['integer', 'string'] }
    case 'duration':
      return { type: ['string', 'integer'], examples: ['90', '15m', '4h'] }
    case 'date':
      return { type: 'string', examples: ['2026-12-01T22:00:00Z', '+2h'] }
    case 'text':
      return SINGLE
  }
}

/** Writes the file, formatted as everything else is. */
export function writePolicySchema(): void {
  const file = join(ROOT, SCHEMA_FILE)
  writeFileSync(file, JSON.stringify(policyJsonSchema()))
  execFileSync(join(ROOT, 'node_modules', '.bin', 'biome'), ['format', '--write', file], { stdio: 'ignore' })
}

if (import.meta.main) writePolicySchema()
