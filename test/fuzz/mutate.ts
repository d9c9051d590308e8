/** Inputs that are nearly right: samples with small and large damage. */

/** The next number from 0 up to 1, without 1. */
export type Random = () => number

/** Mulberry32: the same numbers for the same seed. */
export function randomOf(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export const below = (random: Random, limit: number): number => Math.floor(random() * limit)

export function pick<T>(random: Random, from: readonly T[]): T {
  const one = from[below(random, from.length)]
  if (one === undefined && from.length === 0) throw new RangeError('nothing to pick from')
  return one as T
}

/** What parsers stumble over, whatever they read. */
const TOKENS: readonly string[] = [
  ...[
    '',
    ' ',
    '\n',
    '\r\n',
    '\t',
    '\0',
    '\ufeff',
    '\u2028',
    '\u202e',
    '\ud800',
    'é',
    'ß',
    '💥',
    '\\',
    '/',
    '//',
    '..'
  ],
  ...[
    '"',
    "'",
    '`',
    '{',
    '}',
    '[',
    ']',
    '(',
    ')',
    '<',
    '>',
    '&',
    '|',
    ':',
    ';',
    ',',
    '.',
    '*',
    '!',
    '#',
    '%',
    '@',
    '^'
  ],
  ...[
    '0',
    '-1',
    '1e999',
    '00',
    '9'.repeat(20),
    '0x10',
    'NaN',
    'null',
    'true',
    '~',
    '---',
    '- ',
    '? ',
    '&a ',
    '*a',
    '!!'
  ],
  ...[
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    '<<: ',
    '[gha 012345678901]',
    '[gha claim 1 1 1 aaaaaaaaaaaa]'
  ],
  ...[
    '</a>',
    '<a>',
    '<![CDATA[',
    ']]>',
    '<!--',
    '<!DOCTYPE a [<!ENTITY b "c">]>',
    '&b;',
    '&#0;',
    '&#x110000;',
    '%00'
  ],
  ...[
    'javascript:',
    '^OR',
    '^NQ',
    'ISEMPTY',
    '-----BEGIN ',
    '-----END ',
    '\\n',
    '::error::',
    '##[error]',
    '+2h',
    'Z'
  ]
]

/** UTF-16 units of a repeated piece at most: what takes time with the square of it takes more than a second. */
const BLOWN_UP = 100_000

type Mutation = (text: string, random: Random, samples: readonly string[]) => string

function spanOf(text: string, random: Random, longest = text.length): readonly [number, number] {
  const from = below(random, text.length + 1)
  return [from, Math.min(text.length, from + below(random, longest + 1))]
}

const insert = (text: string, at: number, piece: string) => text.slice(0, at) + piece + text.slice(at)

const MUTATIONS: readonly Mutation[] = [
  (text, random) => {
    const [from, to] = spanOf(text, random)
    return text.slice(0, from) + text.slice(to)
  },
  (text, random) => {
    const [from, to] = spanOf(text, random)
    return insert(text, below(random, text.length + 1), text.slice(from, to))
  },
  (text, random) => insert(text, below(random, text.length + 1), pick(random, TOKENS)),
  (text, random) => {
    const [from, to] = spanOf(text, random, 8)
    return text.slice(0, from) + pick(random, TOKENS) + text.slice(to)
  },
  (text, random) => {
    const at = below(random, text.length + 1)
    return (
      text.slice(0, at) +
      String.fromCharCode(below(random, random() < 0.9 ? 128 : 65_536)) +
      text.slice(at + 1)
    )
  },
  (text, random) => text.slice(0, below(random, text.length + 1)),
  (text, random, samples) => {
    const other = pick(random, samples)
    return text.slice(0, below(random, text.length + 1)) + other.slice(below(random, other.length + 1))
  },
  (text, random) => {
    const words = text.split(/\b/)
    const [a, b] = [below(random, words.length), below(random, words.length)]
    return words.map((word, n) => (n === a ? words[b] : n === b ? words[a] : word) ?? '').join('')
  }
]

/** A short piece, of the text or of those that parsers stumble over, many times. */
const blowUp: Mutation = (text, random) => {
  const [from, to] = spanOf(text, random, 12)
  const piece = (random() < 0.5 ? text.slice(from, to) : pick(random, TOKENS)) || ' '
  const most = Math.floor(BLOWN_UP / piece.length)
  return insert(text, from, piece.repeat(random() < 0.5 ? most : below(random, most)))
}

/** One of the samples, now and then as it is, mostly with one to four mutations. */
export function mutated(samples: readonly string[], random: Random): string {
  let text = pick(random, samples)
  if (random() < 0.02) text = blowUp(text, random, samples)
  for (let left = below(random, 5); left > 0; left -= 1) text = pick(random, MUTATIONS)(text, random, samples)
  return text
}

/** What may stand in the place of any value of a response. */
const VALUES: readonly unknown[] = [
  ...[
    null,
    true,
    false,
    0,
    -1,
    1.5,
    1e308,
    '',
    ' ',
    'x',
    '0',
    '-5',
    'closed',
    '[gha claim 1 1 1 aaaaaaaaaaaa]'
  ],
  ...[
    [],
    {},
    [[]],
    [null],
    { value: null },
    { display_value: {}, value: [] },
    { result: [] },
    { error: 'x' }
  ],
  ...[{ link: 'x', value: 1 }, { __meta: 1 }, { error: { message: {}, detail: 7 } }, 'a'.repeat(10_000)]
]

/** A JSON value with one to four of its values replaced, left out or repeated. */
export function mutatedValue(value: unknown, random: Random): unknown {
  const root = { value: structuredClone(value) }
  for (let left = 1 + below(random, 4); left > 0; left -= 1) changeOne(root, random)
  return root.value
}

function changeOne(root: object, random: Random): void {
  let holder: Record<string, unknown> = root as Record<string, unknown>
  let key = 'value'
  for (;;) {
    const inner = holder[key]
    if (typeof inner !== 'object' || inner === null || Object.keys(inner).length === 0 || random() < 0.2)
      break
    holder = inner as Record<string, unknown>
    key = pick(random, Object.keys(inner))
  }
  const how = random()
  if (how < 0.25) delete holder[key]
  else if (how < 0.35 && Array.isArray(holder)) holder.push(structuredClone(holder[Number(key)]))
  else if (how < 0.45)
    holder[pick(random, ['__proto__', 'sys_id', 'number', 'state', 'extra'])] = pick(random, VALUES)
  else holder[key] = structuredClone(pick(random, VALUES))
}
