/** The JSON Schema of the policy file, for editors. Run by itself it writes the file: `node scripts/policy-schema.ts`. */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { policySchema, SWITCH } from '@change-actions/change-control'
import * as z from 'zod/mini'
import { inputSchema, POLICY_INPUTS } from '../actions/gate/src/policy-inputs.ts'
import { SLUG } from '../packages/github-actions/src/product.ts'
import { type ActionInput, ROOT, readManifest } from './action-docs.ts'

export const SCHEMA_FILE = 'schema/servicenow-change.schema.json'

type JsonSchema = Record<string, unknown>

const TEXTS = {
  unlisted:
    'What an environment that is not listed is: controlled, free (no change needed) or error. Default: error.',
  title:
    'Short description of the change, with {repository}, {version} and {environment}. Default: Deploy "{repository}" version {version} to "{environment}".',
  defaults: 'Values for inputs of the action, for every environment.',
  environments: 'The environments by name, each with values for inputs of the action.',
  [SWITCH]: 'Whether deployments to this environment need a change. Default: true.'
} as const

/** The schema as a value; the same for the same inputs. */
export async function policyJsonSchema(): Promise<JsonSchema> {
  const { inputs } = readManifest('gate')
  const { $schema, ...whole } = z.toJSONSchema(policySchema(POLICY_INPUTS), {
    target: 'draft-7',
    io: 'input'
  })
  const top = (whole as { properties: Record<keyof typeof TEXTS, JsonSchema> }).properties
  const values = await valueSchemas(inputs)
  const control = { type: 'boolean', description: TEXTS[SWITCH] }
  return {
    $schema,
    $id: `https://raw.githubusercontent.com/${SLUG}/v1/${SCHEMA_FILE}`,
    title: 'Policy of the ServiceNow change gate',
    ...whole,
    properties: {
      unlisted: { ...top.unlisted, description: TEXTS.unlisted },
      title: { ...top.title, description: TEXTS.title },
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

async function valueSchemas(
  inputs: Readonly<Record<string, ActionInput>>
): Promise<Record<string, JsonSchema>> {
  const entries = Object.keys(POLICY_INPUTS).map(async (name): Promise<[string, JsonSchema]> => {
    const description = inputs[name]?.description
    if (description === undefined) throw new Error(`action.yml does not declare ${name}`)
    return [name, { description, ...(await shapeOf(name)) }]
  })
  return Object.fromEntries(await Promise.all(entries))
}

const NO_VALUE = 'no such value'

/** What an input takes, as its own refusal says it; where it says nothing, any value of its kind. */
async function shapeOf(name: string): Promise<JsonSchema> {
  const kind = POLICY_INPUTS[name] ?? 'value'
  if (kind === 'map') return { type: ['object', 'string'] }
  if (kind === 'list') return { type: ['array', 'string'] }
  const single = { type: ['string', 'number', 'boolean'] }
  if (kind === 'values') return { anyOf: [single, { type: 'array', items: single }] }
  const schema = inputSchema(name)
  const result = schema === undefined ? undefined : await z.safeParseAsync(schema, NO_VALUE)
  const refusal = result?.error?.issues[0]?.message.replace(`, not \`${NO_VALUE}\``, '') ?? ''
  const words = [...refusal.matchAll(/`([^`]+)`/g)].map(([, word]) => word)
  if (refusal.startsWith('must be `true` or `false`')) return { enum: [true, false, 'true', 'false'] }
  if (refusal.startsWith('must be one of')) return { enum: words }
  if (refusal.startsWith('must be a whole number')) return { type: ['integer', 'string'] }
  if (refusal.startsWith('must be a duration'))
    return { type: ['string', 'integer'], examples: ['90', '15m', '4h'] }
  if (refusal.startsWith('must be a date'))
    return { type: 'string', examples: ['2026-12-01T22:00:00Z', '+2h'] }
  return single
}

if (import.meta.main) {
  const file = join(ROOT, SCHEMA_FILE)
  writeFileSync(file, JSON.stringify(await policyJsonSchema()))
  execFileSync(join(ROOT, 'node_modules', '.bin', 'biome'), ['format', '--write', file], { stdio: 'ignore' })
}
