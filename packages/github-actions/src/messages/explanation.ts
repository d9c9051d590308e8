/** How a problem is explained to people. */
import type { ChangeCode, ChangeProblems } from '@change-actions/change-operations'

/**
 * What a code means. All texts stand here as they are printed, so that the troubleshooting page can be made from them
 * and a test can try every input that a fix advises: an input, or an input with a value, stands in backticks.
 */
export interface Explanation<Facts> {
  /** The annotation's title. `{status}` and `{number}` are filled in; other placeholders by `values`. */
  readonly title: string
  /** The titles on the troubleshooting page, where a placeholder stands for one of a few words; `…` for any text. */
  readonly titles?: readonly string[]
  /** What happened, as sentences, each on a line. Texts in it may come from outside. */
  happened(facts: Facts, number: string): string
  /** The likely cause, without a full stop. */
  readonly cause: string
  /** What happened says the cause already: the cause is printed on the page alone. */
  readonly obvious?: boolean
  /** What to do, without a full stop. Placeholders are filled in by `values`. */
  readonly fix: string
  /** Texts for cases of which more is known, by name. */
  readonly variants?: Readonly<Record<string, Variant>>
  /** The name of the variant, where one fits. */
  variant?(facts: Facts): string | undefined
  /** What placeholders stand for. */
  values?(facts: Facts): Readonly<Record<string, string>>
}

/** An explanation for every code of a change. */
export type ChangeExplanations = { readonly [C in ChangeCode]: Explanation<ChangeProblems[C]> }

/** Replaces the texts of an explanation. */
export interface Variant {
  readonly title?: string
  readonly cause?: string
  readonly fix?: string
}

/** Fills `{name}` in; a name without a value is left out, with the blank before it. */
export function fillIn(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/( ?)\{(\w+)\}/g, (_, blank: string, name: string) => {
    const value = values[name] ?? ''
    return value === '' ? '' : `${blank}${value}`
  })
}

/** `"a", "b"`. */
export function quoted(values: readonly string[]): string {
  return values.map(value => `"${value}"`).join(', ')
}

/** The text with a full stop; what begins with a host or an input stays as it is. */
export function stopped(text: string): string {
  const trimmed = text.trim()
  return /[.!?…]$/.test(trimmed) ? trimmed : `${trimmed}.`
}

/** The text as a sentence: with a capital letter and a full stop. */
export function sentence(text: string): string {
  const trimmed = text.trim()
  return stopped(trimmed.charAt(0).toUpperCase() + trimmed.slice(1))
}
