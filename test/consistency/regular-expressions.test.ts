/**
 * Every regular expression of the packages and actions takes time in proportion to its text: names of files, comments,
 * responses and reports come from anybody. What the check cannot prove stands in a list, with the reason.
 */
import { globSync, readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { join } from 'node:path'
import { expect, it } from '@jest/globals'
import { type Token, tokenizer } from 'acorn'
import { isSafe } from 'redos-detector'

const ROOT = join(import.meta.dirname, '..', '..')

/** How often it may go back, whatever the text: what is bounded by the expression is bounded. */
const MAX_BACKTRACKS = 200

/** Expressions that are linear for a reason that the check does not see: it takes each start for itself. */
const LINEAR: ReadonlyMap<string, string> = new Map([
  [
    '/fields? (?:is|are) (?:mandatory|not filled(?: in)?):([^\\n]+)/i',
    'of several such words in a line the first takes all that follows'
  ],
  ['/"([^"]*)"/g', 'what is looked at from one quotation mark ends before the next'],
  [
    "/business rule '[^']*'|business rule stack:\\S.*$/gis",
    'what is looked at from one quotation mark ends before the next, or at the end'
  ],
  [
    "/business rule '[^']*state transition/i",
    'what is looked at from one quotation mark ends before the next'
  ],
  [
    '/\\[gha2 ([a-z]+(?:-[a-z]+)*) ([0-9a-z][0-9a-z.:, -]{0,400}?)(?: #([0-9a-f]{12}))?\\]/g',
    'what is looked at from one bracket has a maximum, or ends before the next'
  ],
  [
    '/\\[gha2 claim (\\d{1,6}) (\\d{1,20}) (\\d{1,6}) ([0-9a-f]{16}\\.[0-9a-f]{8})(?: #([0-9a-f]{12}))?\\]/',
    'numbers with a maximum, each ended by a blank'
  ],
  [
    '/^([A-Za-z0-9][A-Za-z0-9_-]*\\/[\\w.-]+)\\/(.+)@([^@\\s]+)$/',
    'begins at the start, and what follows one @ ends before the next'
  ],
  ['/[\\w\\\\./+=-]{32,}/g', 'a run of letters that is refused has at most 31'],
  ['/^basic\\s+(.+)$/i', 'of a header, whose length Node limits'],
  [
    '/\\b(Basic|Bearer)\\s{1,8}[\\w.~+/=-]{6,}/gi',
    'the last part takes all that it can, and nothing follows it'
  ],
  ['/\\{([^{}]*)\\}/g', 'what is looked at from one brace ends before the next'],
  ['/\\[(?=\\p{C}*g\\p{C}*h\\p{C}*a)/giu', 'what is looked at from one bracket ends before the next'],
  ['/( ?)\\{(\\w+)\\}/g', 'what is looked at from one brace ends before the next'],
  ['/boundary=(?:"([^"]+)"|([^;\\s]+))/i', 'of a header, whose length Node limits'],
  [
    '/\'([^\']{0,200})\'|"([^"]{0,200})"|(-?[\\d.]{1,30})/g',
    'each alternative ends after 200 characters, and none is inside another'
  ]
])

/** Expressions that are put together at run time. */
const COMPOSED: ReadonlyMap<string, string> = new Map([
  ['packages/change-control/src/asked-fields.ts', 'a label of a list of ours, without repetitions'],
  ['packages/change-control/src/change-marks.ts', 'two expressions whose repetitions all have a maximum'],
  ['packages/sandbox/src/attachment-api/multipart.ts', 'each repetition ends at a quotation mark'],
  ['packages/sandbox/src/faults/faults.ts', 'of the tests themselves'],
  ['packages/sandbox/src/recording/known.ts', 'escaped words, without repetitions'],
  ['packages/sandbox/src/server/json.ts', 'begins with a mark that nobody outside can send']
])

/** At most so many steps from each start, where every repetition has a maximum. */
const MAX_PRODUCT = 1_000

/** The product of all maxima; infinite where a repetition has none. */
function productOfMaxima({ source }: RegExp): number {
  const plain = source
    .replace(/\\./g, 'x')
    .replace(/\[[^\]]*\]/g, 'x')
    .replace(/\(\?/g, '(')
  const repetitions = plain.match(/[*+?]|\{\d+(,\d*)?\}/g) ?? []
  // An exact number, such as {12}, leaves nothing to try again.
  const maximumOf = (one: string): number => {
    if (one === '?') return 2
    const [, least, most] = /^\{(\d+)(?:,(\d*))?\}$/.exec(one) ?? []
    return least !== undefined && most === undefined ? 1 : Number(most || Number.POSITIVE_INFINITY)
  }
  return repetitions.map(maximumOf).reduce((product, one) => product * one, 1)
}

interface Found {
  readonly at: string
  readonly expression?: RegExp
}

function expressionsIn(file: string): Found[] {
  const code = stripTypeScriptTypes(readFileSync(join(ROOT, file), 'utf8'))
  const tokens = [...tokenizer(code, { ecmaVersion: 'latest', sourceType: 'module' })] as (Token & {
    value?: { pattern: string; flags: string }
  })[]
  return tokens.flatMap(({ type, value, start, end }) => {
    if (type.label === 'regexp' && value !== undefined)
      return [{ at: file, expression: new RegExp(value.pattern, value.flags) }]
    const composed = code.slice(start, end) === 'RegExp' && /^\s*\(/.test(code.slice(end, end + 9))
    return type.label === 'name' && composed ? [{ at: file }] : []
  })
}

const files = globSync('{packages,actions}/**/*.ts', { cwd: ROOT, exclude: ['**/node_modules'] })
  .map(file => file.replaceAll('\\', '/'))
  .filter(file => !/\.test\.ts$|\/testing\/|-simulation\.ts$/.test(file))
const found = files.sort().flatMap(expressionsIn)

it('goes back a bounded number of times, or is known to be linear', () => {
  const unique = new Map(found.flatMap(one => (one.expression ? [[String(one.expression), one]] : [])))
  const slow = [...unique].filter(([text, { expression }]) => {
    if (LINEAR.has(text) || expression === undefined) return false
    if (productOfMaxima(expression) <= MAX_PRODUCT) return false
    return !isSafe(expression, { maxScore: MAX_BACKTRACKS }).safe
  })
  expect(slow.map(([text, { at }]) => `${at}: ${text}`)).toEqual([])
}, 120_000)

it('is put together in known places alone', () => {
  const composed = found.filter(one => one.expression === undefined).map(one => one.at)
  expect([...new Set(composed)]).toEqual([...COMPOSED.keys()])
})

it('has no entry in the list that nothing needs', () => {
  const all = new Set(found.map(one => String(one.expression)))
  expect([...LINEAR.keys()].filter(one => !all.has(one))).toEqual([])
})
