import type { Document, LineCounter, YAMLMap } from 'yaml'
import { messageOf } from '../errors.ts'
import { oneLine } from '../text.ts'
import { field, type Input, type Meta, Refusal } from './field.ts'
import { beyondLimits } from './yaml-limits.ts'

/** A YAML (or JSON) map; undefined when not given or empty. */
export function yamlMap(meta: Meta = {}): Input<Record<string, unknown> | undefined> {
  return field({ ...meta, kind: 'map' }, async given => {
    const value = await readText(given, meta)
    if (value === undefined || isMap(value)) return value
    throw new Refusal(`must be a YAML map (\`key: value\` lines), not ${kindOf(value)}`)
  })
}

/** A YAML (or JSON) list; undefined when not given or empty. */
export function yamlList(meta: Meta = {}): Input<readonly unknown[] | undefined> {
  return field({ ...meta, kind: 'list' }, async given => {
    const value = await readText(given, meta)
    if (value === undefined || Array.isArray(value)) return value
    throw new Refusal(`must be a YAML list (lines that start with \`- \`), not ${kindOf(value)}`)
  })
}

async function readText(given: string | undefined, meta: Meta): Promise<unknown> {
  if (given === undefined) return undefined
  try {
    return (await readYaml(given)) ?? undefined
  } catch (error) {
    // The parser's words may quote the text.
    throw meta.secret && error instanceof Refusal ? new Refusal('is not valid YAML') : error
  }
}

/**
 * The value of a YAML document (1.2, core schema; null for an empty one). A number that would not be
 * written back as it stands (`007`, `1.10`, more than 15 digits) stays the text it is.
 * @throws Refusal "is not valid YAML: … at line l, column c", also for a key given twice and unknown tags.
 */
export async function readYaml(text: string): Promise<unknown> {
  return (await readYamlFile(text)).value
}

/** A YAML document and where its keys stand. */
export interface YamlFile {
  readonly value: unknown
  /** Line and column, both from 1, of the key (or item) at the end of a path; of its closest parent otherwise. */
  placeOf(path: readonly (string | number)[]): { readonly line: number; readonly column: number }
}

/** As `readYaml`, for a file whose mistakes are to be shown in their place. */
export async function readYamlFile(text: string): Promise<YamlFile> {
  const yaml = await import('yaml')
  const { isMap: isYamlMap, isScalar, isSeq, visit } = yaml
  const tooMuch = beyondLimits(text, source => new yaml.Lexer().lex(source), yaml.CST.tokenType)
  if (tooMuch !== undefined) throw new Refusal(`is not read as YAML: ${tooMuch}`)
  const lines = new yaml.LineCounter()
  // Errors made pretty, and keys compared with each other, take time with the square of their number.
  const options = { uniqueKeys: false, prettyErrors: false, logLevel: 'error', lineCounter: lines } as const
  const document = withoutStacks(() => parse(() => yaml.parseDocument(text, options)))
  refuseProblems(document, lines)
  visit(document, {
    Map: (_, map) => refuseRepeatedKeys(map, lines),
    Pair(_, pair) {
      if (!isScalar(pair.key)) throw new Refusal('is not valid YAML: a key must be a single word or text')
    },
    Scalar(key, node) {
      if (key === 'key' || typeof node.value !== 'number' || node.source === undefined) return
      if (String(node.value) !== node.source) node.value = node.source
    }
  })
  const placeOf: YamlFile['placeOf'] = path => {
    let node: unknown = document.contents
    let start = 0
    for (const step of path) {
      if (isYamlMap(node)) {
        const pair = node.items.find(item => isScalar(item.key) && String(item.key.value) === String(step))
        if (pair === undefined) break
        start = (pair.key as { range?: [number, number, number] }).range?.[0] ?? start
        node = pair.value
      } else if (isSeq(node)) {
        node = node.items[Number(step)]
        start = (node as { range?: [number, number, number] } | undefined)?.range?.[0] ?? start
      } else break
    }
    const { line, col } = lines.linePos(start)
    return { line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  try {
    return { value: document.toJS({ maxAliasCount: 100 }), placeOf }
  } catch (error) {
    throw new Refusal(`is not valid YAML: ${oneLine(messageOf(error), 200)}`)
  }
}

/** @throws Refusal where the parser runs out of stack, which the limits should not let happen */
function parse<T>(action: () => T): T {
  try {
    return action()
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new Refusal('is not read as YAML: it is nested too deeply')
  }
}

/** The parser makes an error of every mistake; the first one is enough, and a stack for each takes long. */
function withoutStacks<T>(action: () => T): T {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  try {
    return action()
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}

function refuseProblems(document: Document, lines: LineCounter): void {
  const [first] = [...document.errors, ...document.warnings]
  if (first !== undefined) throw invalid(first.message, first.pos[0], lines)
}

/** @param at where it stands in the text, in UTF-16 units */
function invalid(message: string, at: number, lines: LineCounter): Refusal {
  const { line, col } = lines.linePos(at)
  return new Refusal(`is not valid YAML: ${oneLine(message, 160)} at line ${line}, column ${col}`)
}

function refuseRepeatedKeys(map: YAMLMap, lines: LineCounter): void {
  const seen = new Set<string>()
  for (const { key } of map.items) {
    const { value, range } = key as { value?: unknown; range?: readonly number[] }
    if (value === undefined) continue
    if (seen.has(String(value))) throw invalid('Map keys must be unique', range?.[0] ?? 0, lines)
    seen.add(String(value))
  }
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  return isMap(value) ? 'a map' : `a single ${typeof value === 'string' ? 'text' : typeof value}`
}
