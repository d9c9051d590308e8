import * as z from 'zod/mini'
import { oneLine } from '../text.ts'

/** What is known of an input besides its values. */
export interface Meta {
  /** The value used when none is given, as a user would write it. */
  readonly default?: string
  /** The default in words, for the documentation, where it is not a fixed value. Changes no value. */
  readonly defaultText?: string
  /** The environment variable read when the input is not given. */
  readonly env?: string
  /** Inputs of one group come from one place: when any of them is an input, none is read from its variable. */
  readonly group?: string
  /** Masked in the log before anything is printed; its value appears in no message. */
  readonly secret?: boolean
  /** Read again by the post step instead of being kept for it: certificates. Secrets always are. */
  readonly transient?: boolean
  /**
   * The expression that `action.yml` gives as default (`${{ job.status }}`): the runner sets the input. It has no
   * second spelling, stands in no table of the documentation and is never suggested.
   */
  readonly context?: string
}

/** What values an input takes: for the policy file, and for the JSON Schema of that file. */
export type InputKind =
  | 'text'
  | 'boolean'
  | 'integer'
  | 'duration'
  | 'date'
  /** One of `words`. */
  | 'word'
  /** Plain words, a list of them. */
  | 'items'
  /** A YAML list. */
  | 'list'
  /** A YAML map. */
  | 'map'

/** What is known of an input, as `inputMeta` returns it. */
export interface InputMeta extends Meta {
  readonly required: boolean
  readonly kind: InputKind
  /** What it takes, for kind `word`. */
  readonly words?: readonly string[]
}

/** The schema of one input: from the text given, or undefined, to a value. */
export type Input<T> = z.ZodMiniType<T, string | undefined>

/** Input schemas by the camelCase form of their name. */
export type Shape = Record<string, z.ZodMiniType>

/** The values of a shape. */
export type Values<S extends Shape> = { [K in keyof S]: z.output<S[K]> }

const registry = z.registry<InputMeta>()

/** What the runner hands over. One for all inputs: a schema takes a while to make, and there are many inputs. */
const given = z.optional(z.string())

/**
 * Why a value is refused, worded to follow the input's name: "must be …, not `x`".
 * The only error that a parser given to `field` throws on purpose.
 */
export class Refusal extends Error {}

/** What a builder of inputs tells about them beside what its caller says. */
type Details = Partial<Pick<InputMeta, 'required' | 'kind' | 'words'>>

/**
 * Makes the schema of an input. `parse` gets the trimmed text, or the default, or undefined when there is
 * neither, and throws a Refusal for what it does not take.
 */
export function field<T>(
  meta: Meta & Details,
  parse: (given: string | undefined) => T | Promise<T>
): Input<T> {
  const schema = z.pipe(
    given,
    z.transform(async (given: string | undefined, context): Promise<T> => {
      try {
        return await parse(given ?? meta.default)
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        context.issues.push({ code: 'custom', message: error.message, input: given })
        return z.NEVER
      }
    })
  )
  const defaultText = meta.defaultText ?? meta.default
  registry.add(schema, {
    required: false,
    kind: 'text',
    ...meta,
    ...(defaultText === undefined ? {} : { defaultText })
  })
  return schema
}

/** What is known of an input made by a builder of this kit, also after `.check(...)`. */
export function inputMeta(schema: z.ZodMiniType): InputMeta {
  return registry.get(schema) ?? { required: false, kind: 'text' }
}

/** `, not `x``: the offending value as the end of a message, and nothing of it for a secret. */
export function notThis(value: string, meta: Pick<Meta, 'secret'>): string {
  return meta.secret ? '' : `, not \`${oneLine(value, 80)}\``
}

/** `shortDescription` → `short-description`. */
export function kebab(key: string): string {
  return key.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)
}
