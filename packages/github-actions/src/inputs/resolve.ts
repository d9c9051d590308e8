import * as z from 'zod/mini'
import { createSecrets } from '../secrets.ts'
import type { Env } from '../step/runtime.ts'
import { oneLine } from '../text.ts'
import type { Allowed, AllowedInputs } from './allowed.ts'
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

/** What inputs without a fixed default come to when they are not given: `type` is normal, say. */
export type Derived<S extends Shape> = (values: Partial<Values<S>>) => Partial<Values<S>>

/** What resolving needs besides the shape. */
export interface ResolveOptions<S extends Shape> {
  readonly env: Env
  /** What lies under the inputs, the uppermost first. */
  readonly layers?: readonly Layer[]
  /** What a policy allows. */
  readonly allowed?: AllowedInputs | undefined
  /** What inputs without a fixed default come to when they are not given, for what a policy allows. */
  readonly derived?: Derived<S> | undefined
  readonly rules?: Rules<S> | undefined
  /** The shape holds only some inputs of the action: others may be given too, and are not checked. */
  readonly partial?: boolean | undefined
  /**
   * What is wrong with what the layers come from: reported with all else. What is missing then, and the rules, are
   * left out, for the layers might have had it.
   */
  readonly problems?: readonly string[]
  /** The same, where nothing is missing because of it: reported with all else, the rules included. */
  readonly policyProblems?: readonly string[] | undefined
  /** Told about unknown inputs that resemble none. */
  warn(text: string): void
  /** Told where each value came from. */
  debug?(text: string): void
}

/**
 * The values of a step's inputs. Each comes from the uppermost place that has one: the one value that a policy enforces;
 * the input, under either spelling; the layers; the environment variable it falls back to; its default. Each text is
 * parsed once.
 *
 * @throws Problem `input` with all that is wrong: inputs and values of the layers, then unknown names, then rules
 */
export async function resolveInputs<S extends Shape>(
  shape: S,
  options: ResolveOptions<S>
): Promise<Resolved<S>> {
  const { env, layers = [], allowed, rules, partial, problems: known = [], policyProblems = [] } = options
  const fields = fieldsOf(shape)
  const candidatesOf = candidateFinder(fields, env, layers)
  const values: Record<string, unknown> = {}
  const sources: Record<string, Source> = {}
  const problems: string[] = []
  const open: { readonly field: Field; readonly rule: Allowed }[] = []
  for (const field of fields) {
    const { texts: given, conflict } = candidatesOf(field)
    const rule = allowed?.get(field.name)
    const texts = rule?.one === undefined ? given : [rule.one, ...given]
    sources[field.key] =
      conflict === undefined ? (texts[0]?.source ?? { kind: 'built-in' }) : { kind: 'input' }
    if (conflict !== undefined) problems.push(`\`${field.name}\` ${conflict}`)
    if (conflict !== undefined || (texts.length === 0 && known.length > 0)) continue
    const origin = originText(field, texts[0])
    if (origin !== undefined) options.debug?.(origin)
    // Values that another one covers are parsed too: a mistake in a file shows before it matters.
    const parsed = await parseAll(field, shape[field.key] as z.ZodMiniType, texts)
    if (parsed[0] !== undefined && 'value' in parsed[0]) values[field.key] = parsed[0].value
    for (const one of parsed) if ('problems' in one) problems.push(...one.problems)
    if (rule === undefined) continue
    if (texts.length === 0) open.push({ field, rule })
    else problems.push(...differing(field, rule, texts, parsed))
  }
  const usual = (options.derived?.(values as Partial<Values<S>>) ?? {}) as Record<string, unknown>
  for (const { field, rule } of open)
    problems.push(...missing(field, rule, usual[field.key] ?? values[field.key]))
  problems.push(...known, ...policyProblems, ...(partial ? [] : checkNames(fields, options)))
  const given = { env, sources: sources as Sources<S> }
  if (known.length === 0) problems.push(...(rules?.(values as Partial<Values<S>>, given) ?? []))
  if (problems.length > 0) throw inputError(withoutSecrets([...new Set(problems)], shape, env))
  return { values: values as Values<S>, sources: sources as Sources<S> }
}

/** What the policy does not allow: the input beside the one value that counts, else the value that would be used. */
function differing(
  { name }: Field,
  rule: Allowed,
  texts: readonly Candidate[],
  parsed: readonly Parsed[]
): string[] {
  const at = rule.one === undefined ? 0 : texts.findIndex(({ source }) => source.kind === 'input')
  const [candidate, one] = [texts[at], parsed[at]]
  if (candidate === undefined || one === undefined || !('value' in one)) return []
  const why = rule.refusal(one.value, candidate.text)
  return why === undefined ? [] : [`${placeText(candidate)}\`${name}\` ${why}`]
}

/** An input that is not given must come to a value that the policy allows. */
function missing({ name, meta }: Field, rule: Allowed, value: unknown): string[] {
  const none = value === undefined || (Array.isArray(value) && value.length === 0)
  const text = meta.default ?? (none ? undefined : String(value))
  const why = rule.refusal(value, text)
  return why === undefined ? [] : [`\`${name}\` ${why}`]
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
  const place = placeText(candidate)
  const from = candidate?.source.kind === 'environment' ? ` (from ${candidate.source.variable})` : ''
  return { problems: result.error.issues.map(issue => `${place}\`${name}\`${from} ${issue.message}`) }
}

function placeText(candidate: Candidate | undefined): string {
  return candidate?.place === undefined ? '' : `${candidate.place}: `
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
