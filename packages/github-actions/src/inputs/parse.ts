import * as z from 'zod/mini'
import { createSecrets } from '../secrets.ts'
import type { Env } from '../step/runtime.ts'
import { InputError } from './error.ts'
import type { Shape, Values } from './field.ts'
import { type Field, fieldsOf, readGiven, SpellingConflict, secretValues } from './read.ts'
import { unknownInputs } from './unknown.ts'

/**
 * Rules across inputs. They see the inputs that are right by themselves and return whole sentences.
 */
export type Rules<S extends Shape> = (values: Partial<Values<S>>, env: Env) => readonly string[]

/** What parsing needs besides the shape. */
export interface ParseOptions<S extends Shape> {
  readonly env: Env
  readonly rules?: Rules<S> | undefined
  /** Told about unknown inputs that resemble none. */
  warn(text: string): void
}

/**
 * The values of a step's inputs.
 * @throws InputError with everything that is wrong at once: inputs, unknown names, then rules.
 */
export async function parseInputs<S extends Shape>(shape: S, options: ParseOptions<S>): Promise<Values<S>> {
  const fields = fieldsOf(shape)
  const values: Partial<Values<S>> = {}
  const problems: string[] = []
  for (const field of fields) {
    const result = await parseField(field, shape[field.key] as z.ZodMiniType, options.env)
    if ('problems' in result) problems.push(...result.problems)
    else Object.assign(values, { [field.key]: result.value })
  }
  const unknown = unknownInputs(
    fields.map(field => field.name),
    fields.filter(field => !field.meta.hidden).map(field => field.name),
    options.env
  )
  unknown.warnings.forEach(options.warn)
  problems.push(...unknown.errors, ...(options.rules?.(values, options.env) ?? []))
  if (problems.length > 0) throw new InputError(withoutSecrets(problems, shape, options.env))
  return values as Values<S>
}

type Parsed = { readonly value: unknown } | { readonly problems: readonly string[] }

async function parseField(field: Field, schema: z.ZodMiniType, env: Env): Promise<Parsed> {
  try {
    const given = readGiven(field, env)
    const result = await z.safeParseAsync(schema, given?.value)
    if (result.success) return { value: result.data }
    const subject = given?.env === undefined ? `\`${field.name}\`` : `\`${field.name}\` (from ${given.env})`
    return { problems: result.error.issues.map(issue => `${subject} ${issue.message}`) }
  } catch (error) {
    if (error instanceof SpellingConflict) return { problems: [`\`${field.name}\` ${error.message}`] }
    throw error
  }
}

/** A secret pasted into the wrong input would be quoted by the message about that input. */
function withoutSecrets(problems: readonly string[], shape: Shape, env: Env): readonly string[] {
  const secrets = createSecrets()
  for (const value of secretValues(shape, env)) secrets.add(value)
  return problems.map(problem => secrets.redact(problem))
}
