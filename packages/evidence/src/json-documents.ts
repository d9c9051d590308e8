import { BeyondLimit, MAX_DEPTH, MAX_VALUES } from './limits.ts'

/**
 * The keys that are kept of an object, each with the shape of its value; `*` stands for any key. A list has the shape of
 * its items. A value that no shape looks into keeps only its kind: a list its length, an object nothing.
 */
export interface Shape {
  readonly [key: string]: Shape
}

/** A value that is kept as it is. */
export const VALUE: Shape = {}

/** The tokens of a JSON text, as the tokenizer numbers them. */
const TOKEN = {
  openObject: 0,
  closeObject: 1,
  openList: 2,
  closeList: 3,
  colon: 4,
  comma: 5,
  text: 9
} as const

type Kept = Record<string, unknown> | unknown[]

interface Open {
  readonly list: boolean
  /** Undefined for what is not kept. */
  readonly kept: Kept | undefined
  readonly shapes: readonly Shape[]
  /** Of an object: the key whose value comes next. */
  key: string
}

/** What may come next. `first`: a value or key, or the end of what was just opened. */
type Next = 'value' | 'first-value' | 'key' | 'first-key' | 'colon' | 'comma'

const NONE: readonly Shape[] = []

/** Puts tokens together to documents, and keeps what the shapes name. */
export class JsonDocuments {
  private readonly shapes: readonly Shape[]
  private readonly open: Open[] = []
  private done: unknown[] = []
  private next: Next = 'value'
  private values = 0

  constructor(shapes: readonly Shape[]) {
    this.shapes = shapes
  }

  /**
   * The next token of the text.
   *
   * @param value of a text, number or word
   * @throws SyntaxError where it may not stand there
   * @throws BeyondLimit
   */
  take(token: number, value: unknown): void {
    if (token === TOKEN.openObject || token === TOKEN.openList) this.begin(token === TOKEN.openList)
    else if (token === TOKEN.closeObject || token === TOKEN.closeList) this.finish(token === TOKEN.closeList)
    else if (token === TOKEN.colon) this.expect('colon', 'value')
    else if (token === TOKEN.comma) this.expect('comma', this.open.at(-1)?.list === true ? 'value' : 'key')
    else if (this.next === 'key' || this.next === 'first-key') this.takeKey(token, value)
    else this.add(value, this.shapesOfNext())
  }

  /** The documents that have ended since the last call. */
  finished(): unknown[] {
    const { done } = this
    this.done = []
    return done
  }

  /** @throws SyntaxError where the text ends too early */
  end(): void {
    if (this.open.length > 0) throw misplaced()
  }

  private expect(what: Next, then: Next): void {
    if (this.next !== what || this.open.length === 0) throw misplaced()
    this.next = then
  }

  private takeKey(token: number, key: unknown): void {
    const object = this.open.at(-1)
    if (object === undefined || token !== TOKEN.text) throw misplaced()
    object.key = String(key)
    this.next = 'colon'
  }

  private begin(list: boolean): void {
    if (this.open.length >= MAX_DEPTH) throw new BeyondLimit('nested too deeply')
    const shapes = this.shapesOfNext()
    const kept = shapes === NONE ? undefined : list ? [] : Object.create(null)
    this.add(kept, shapes)
    this.open.push({ list, kept, shapes, key: '' })
    this.next = list ? 'first-value' : 'first-key'
  }

  private finish(list: boolean): void {
    const ended = this.open.pop()
    const first = list ? 'first-value' : 'first-key'
    if (ended?.list !== list || (this.next !== first && this.next !== 'comma')) throw misplaced()
    this.next = this.open.length === 0 ? 'value' : 'comma'
    if (this.open.length === 0) this.done.push(ended.kept)
  }

  /** The shapes of the value that comes next: those of its key, or of the list that it is in. */
  private shapesOfNext(): readonly Shape[] {
    const outer = this.open.at(-1)
    if (outer === undefined) return this.shapes
    if (outer.list || outer.kept === undefined) return outer.shapes
    const { key } = outer
    const inner = outer.shapes.flatMap(one => (Object.hasOwn(one, key) ? one[key] : one['*']) ?? [])
    return inner.length === 0 ? NONE : inner
  }

  private add(value: unknown, shapes: readonly Shape[]): void {
    if (this.next !== 'value' && this.next !== 'first-value') throw misplaced()
    const outer = this.open.at(-1)
    this.next = 'comma'
    if (outer === undefined) {
      this.count()
      // A text or number by itself is a document too.
      if (typeof value !== 'object' || value === null) this.done.push(value)
      this.next = 'value'
    } else if (outer.kept !== undefined && shapes !== NONE) {
      this.count()
      this.keep(outer.kept, outer.key, value)
    }
  }

  private count(): void {
    this.values += 1
    if (this.values > MAX_VALUES) throw new BeyondLimit(`over ${MAX_VALUES} values`)
  }

  private keep(outer: Kept, key: string, value: unknown): void {
    if (Array.isArray(outer)) outer.push(value)
    // Which of the two a reader takes differs from tool to tool.
    else if (key in outer) throw new SyntaxError('an object has a key twice')
    else outer[key] = value
  }
}

function misplaced(): SyntaxError {
  return new SyntaxError('a token stands where it may not')
}
