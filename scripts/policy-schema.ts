/** The JSON Schema of the policy file, for editors. Run by itself it writes the file: `node scripts/policy-schema.ts`. */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { policySchema, SWITCH } from '@change-actions/change-control'
import { type Field, fieldsOf, SLUG } from '@change-actions/github-actions'
import { policyKeys } from '@change-actions/github-actions/policy'
import * as z from 'zod/mini'
import { ROOT } from './action-docs.ts'
import { DESCRIBED, declaredInputs } from './action-manifests.ts'

export const SCHEMA_FILE = 'schema/servicenow-change.schema.json'

type JsonSchema = Record<string, unknown>

const TEXTS = {
  unlisted:
    'What an environment that is not listed is: controlled, free (no change needed) or error. Default: error.',
  title:
    'Short description of the change, with {repository}, {version} and {environment}. Default: Deploy "{repository}" version {version} to "{environment}".',
  states:
    "States of the instance's own: a map of value or label to new, assess, authorize, scheduled, implement, review, closed or canceled.",
  defaults: 'Values for inputs of the action, for every environment.',
  environments: 'The environments by name, each with values for inputs of the action.',
  [SWITCH]: 'Whether deployments to this environment need a change. Default: true.'
} as const

/** The schema as a value; the same for the same inputs. */
export function policyJsonSchema(): JsonSchema {
  const { allowed } = policyKeys(DESCRIBED.gate.shape)
  const { $schema, ...whole } = z.toJSONSchema(policySchema(allowed), { target: 'draft-7', io: 'input' })
  const top = (whole as { properties: Record<keyof typeof TEXTS, JsonSchema> }).properties
  const values = valueSchemas(Object.keys(allowed))
  const control = { type: 'boolean', description: TEXTS[SWITCH] }
  return {
    $schema,
    $id: `https://raw.githubusercontent.com/${SLUG}/v1/${SCHEMA_FILE}`,
    title: 'Policy of the ServiceNow change gate',
    ...whole,
    properties: {
      unlisted: { ...top.unlisted, description: TEXTS.unlisted },
      title: { ...top.title, description: TEXTS.title },
      states: { ...STATES, description: TEXTS.states },
      defaults: { ...section(values), description: TEXTS.defaults },
      environments: {
        type: ['object', 'null'],
        description: TEXTS.environments,
        additionalProperties: section({ [SWITCH]: control, ...values })
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

function valueSchemas(names: readonly string[]): Record<string, JsonSchema> {
  const declared = declaredInputs(DESCRIBED.gate)
  const fields = fieldsOf(DESCRIBED.gate.shape).filter(({ name }) => names.includes(name))
  return Object.fromEntries(
    fields.map(field => [
      field.name,
      { description: declared[field.name]?.description, ...valueSchema(field) }
    ])
  )
}

/** As text, too, copied from a workflow. */
const STATES = { type: ['object', 'string'] }

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
