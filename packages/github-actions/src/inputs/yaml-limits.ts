/**
 * What YAML may be made of: the parser takes very long for some texts, and ends the process for others. A text is looked
 * through by its signs first, which takes time in proportion to its length.
 */

/** UTF-16 units. The runner's variables hold half of it. */
const MAX_LENGTH = 256 * 1024

/** Maps and lists inside each other. */
const MAX_DEPTH = 64

/** Columns that a line is indented by. */
const MAX_INDENT = 256

/** Anchors and tags in a row. */
const MAX_PROPERTIES = 4

const INDICATORS: readonly (string | null)[] = ['seq-item-ind', 'explicit-key-ind', 'map-value-ind']

/** Tells what kind of sign a piece of text is: the parser's `CST.tokenType`. */
type TypeOf = (source: string) => string | null

/**
 * What keeps a text from being parsed, as the end of a sentence; undefined where nothing does.
 *
 * @param lex takes a text apart into its signs
 */
export function beyondLimits(
  text: string,
  lex: (text: string) => Iterable<string>,
  typeOf: TypeOf
): string | undefined {
  if (text.length > MAX_LENGTH) return `it is longer than ${MAX_LENGTH / 1024} KiB`
  let [open, indicators, properties] = [0, 0, 0]
  for (const source of lex(text)) {
    const type = typeOf(source)
    if (type === 'flow-map-start' || type === 'flow-seq-start') open += 1
    if (type === 'flow-map-end' || type === 'flow-seq-end') open -= 1
    // Each of a line, or of an item between [ ] or { }, may be one level deeper than the one before it.
    if (INDICATORS.includes(type)) indicators += 1
    else if (type === 'comma' || (type === 'newline' && open <= 0)) indicators = 0
    if (type === 'anchor' || type === 'tag') properties += 1
    else if (type !== 'space' && type !== 'newline') properties = 0
    if (open > MAX_DEPTH || indicators > MAX_DEPTH) return 'it is nested too deeply'
    if (properties > MAX_PROPERTIES) return 'it has too many anchors or tags in a row'
    if (type === 'space' && source.length > MAX_INDENT)
      return `it has more than ${MAX_INDENT} blanks in a row`
  }
  return undefined
}
