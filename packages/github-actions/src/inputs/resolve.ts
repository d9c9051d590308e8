import * as z from 'zod/mini'
import { createSecrets } from '../secrets.ts'
import type { Env } from '../step/runtime.ts'
import { oneLine } from '../text.ts'
import { type Candidate, candidateFinder } from './candidates.ts'
import { inputError } from './error.ts'
import type { Shape, Values } from './field.ts'
import { type Field, fieldsOf, secretValues } from './read.ts'
import { type Layer, type Source, sourceText } from './source.ts'
import { unknownInputs } from './unknown.ts'

/** Where each value came from. */
export type Sources<S extends Shape> = { readonly [K in keyof S]: Source }

/** The values of a step's inputs, and where each came from. */
export interface Resolved<S extends Shape> {
  readonly values: Values<S>
  readonly sources: Sources<S>
}

/**
 * Rules across inputs. They see the inputs that are right by themselves, and where every input came from, those that
 * are wrong included. They return whole sentences without a full stop.
 */
export type Rules<S extends Shape> = (
  values: Partial<Values<S>>,
  given: { readonly env: Env; readonly sources: Sources<S> }
) => readonly string[]

/** What resolving needs besides the shape. */
export interface ResolveOptions<S extends Shape> {
  readonly env: Env
  /** What lies under the inputs, the uppermost first. */
  readonly layers?: readonly Layer[]
  readonly rules?: Rules<S> | undefined
  /** The shape holds only some inputs of the action: others may be given too, and are not checked. */
  readonly partial?: boolean | undefined
  /**
   * What is wrong with what the layers come from: reported with all else. What is missing then, and the rules, are
   * left out, for the layers might have had it.
   */
  readonly problems?: readonly string[]
  /** Told about unknown inputs that resemble none. */
  warn(text: string): void
  /** Told where each value came from. */
  debug?(text: string): void
}

/**
 * The values of a step's inputs. Each comes from the uppermost place that has one: the input, under either spelling;
 * the layers; the environment variable it falls back to; its default. Each text is parsed once.
 *
 * @throws Problem `input` with all that is wrong: inputs and values of the layers, then unknown names, then rules
 */
export async function resolveInputs<S extends Shape>(
  shape: S,
  options: ResolveOptions<S>
): Promise<Resolved<S>> {
  const { env, layers = [], rules, partial, problems: known = [], debug } = options
  const fields = fieldsOf(shape)
  const candidatesOf = candidateFinder(fields, env, layers)
  const values: Record<string, unknown> = {}
  const sources: Record<string, Source> = {}
  const problems: string[] = []
  for (const field of fields) {
    const { texts, conflict } = candidatesOf(field)
    sources[field.key] =
      conflict === undefined ? (texts[0]?.source ?? { kind: 'built-in' }) : { kind: 'input' }
    if (conflict !== undefined) problems.push(`\`${field.name}\` ${conflict}`)
    if (conflict !== undefined || (texts.length === 0 && known.length > 0)) continue
    const origin = originText(field, texts[0])
    if (origin !== undefined) debug?.(origin)
    // Values that another one covers are parsed too: a mistake in a file shows before it matters.
    const parsed = await parseAll(field, shape[field.key] as z.ZodMiniType, texts)
    if (parsed[0] !== undefined && 'value' in parsed[0]) values[field.key] = parsed[0].value
    for (const one of parsed) if ('problems' in one) problems.push(...one.problems)
  }
  problems.push(...known, ...(partial ? [] : checkNames(fields, options)))
  const given = { env, sources: sources as Sources<S> }
  if (known.length === 0) problems.push(...(rules?.(values as Partial<Values<S>>, given) ?? []))
  if (problems.length > 0) throw inputError(withoutSecrets([...new Set(problems)], shape, env))
  return { values: values as Values<S>, sources: sources as Sources<S> }
}

/** Warns of unknown inputs. Returns what is wrong where one of them resembles an input. */
export function checkNames(
  fields: readonly Field[],
  { env, warn }: Pick<ResolveOptions<Shape>, 'env' | 'warn'>
): readonly string[] {
  const { errors, warnings } = unknownInputs(fields, env)
  warnings.forEach(warn)
  return errors
}

type Parsed = { readonly value: unknown } | { readonly problems: readonly string[] }

/** The result for each text, or the one for none: its default. */
async function parseAll(
  field: Field,
  schema: z.ZodMiniType,
  texts: readonly Candidate[]
): Promise<readonly Parsed[]> {
  if (texts.length === 0) return [await parse(field, schema, undefined)]
  return Promise.all(texts.map(one => parse(field, schema, one)))
}

async function parse(
  { name }: Field,
  schema: z.ZodMiniType,
  candidate: Candidate | undefined
): Promise<Parsed> {
  const result = await z.safeParseAsync(schema, candidate?.text)
  if (result.success) return { value: result.data }
  const place = candidate?.place === undefined ? '' : `${candidate.place}: `
  const from = candidate?.source.kind === 'environment' ? ` (from ${candidate.source.variable})` : ''
  return { problems: result.error.issues.map(issue => `${place}\`${name}\`${from} ${issue.message}`) }
}

/**
 * `timeout: 4h (from the policy …)`; undefined for an input without a value. A secret's value is left out, and so is
 * that of an input: the runner prints it above the step's log.
 */
function originText({ name, meta }: Field, first: Candidate | undefined): string | undefined {
  const source = first?.source ?? { kind: 'built-in' }
  const text = first?.text ?? meta.default
  if (text === undefined) return undefined
  const value = meta.secret || meta.transient || source.kind === 'input' ? '' : `: ${oneLine(text, 60)}`
  return `${name}${value} (from ${sourceText(source)})`
}

/** A secret pasted into the wrong input would be quoted by the message about that input. */
function withoutSecrets(problems: readonly string[], shape: Shape, env: Env): readonly string[] {
  const secrets = createSecrets()
  for (const value of secretValues(shape, env)) secrets.add(value)
  return problems.map(problem => secrets.redact(problem))
}
