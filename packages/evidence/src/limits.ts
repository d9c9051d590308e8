/** What a report may hold and still be counted. A larger one is attached all the same, only without its counts. */

/** Bytes of a file. */
export const MAX_BYTES = 50 * 1024 * 1024

/** Elements, objects and lists inside each other. */
export const MAX_DEPTH = 1_000

/** Values of a JSON text that the counts need: all of them are in memory at once. */
export const MAX_VALUES = 1_000_000

/** Characters of an XML document that XML does not have. */
export const MAX_INVALID = 1_000_000

/** Attributes of one element. */
export const MAX_ATTRIBUTES = 1_000

/** UTF-16 units of a text that a report gives, and that is repeated: a verdict, a type, the name of a subject. */
const MAX_TEXT = 200

/** A report that is beyond a limit. The message completes `not counted (…)`. */
export class BeyondLimit extends Error {}

/** At most 200 UTF-16 units of a text from a report, with an ellipsis where it is cut. */
export function excerpt(text: string): string {
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT - 1).replace(/[\ud800-\udbff]$/, '')}…`
}
