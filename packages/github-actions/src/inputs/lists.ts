import { messageOf } from '../errors.ts'
import { field, type Input, type Meta, notThis, Refusal } from './field.ts'

/**
 * A list separated by commas or newlines; empty when neither given nor defaulted. `parseItem` returns
 * undefined, or throws an Error that says why, for what is not an item; `rule` tells what items look like.
 */
export function listOf<T>(
  parseItem: (item: string) => T | undefined,
  meta: Meta & { readonly rule?: string } = {}
): Input<readonly T[]> {
  const rule = meta.rule === undefined ? '' : `; it takes ${meta.rule}`
  return field({ ...meta, kind: 'items' }, given => {
    if (given === undefined) return []
    const items = parts(given, /[,\n]/)
    if (items.length === 0) throw new Refusal(`holds no item${rule}`)
    return items.map(item => {
      const value = parseOrRefuse(parseItem, item)
      if (value === undefined) throw new Refusal(`holds an item it cannot take${notThis(item, meta)}${rule}`)
      return value
    })
  })
}

function parseOrRefuse<T>(parseItem: (item: string) => T | undefined, item: string): T | undefined {
  try {
    return parseItem(item)
  } catch (error) {
    throw new Refusal(messageOf(error))
  }
}

/** One item a line, trimmed; empty lines are dropped. */
export function lines(meta: Meta = {}): Input<readonly string[]> {
  return field({ ...meta, kind: 'items' }, given => (given === undefined ? [] : parts(given, /\n/)))
}

function parts(text: string, separator: RegExp): string[] {
  return text
    .split(separator)
    .map(part => part.trim())
    .filter(part => part !== '')
}
