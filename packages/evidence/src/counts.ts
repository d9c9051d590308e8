/** `3 errors`, `1 error`. */
export function plural(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? '' : 's'}`
}

/** The value as a record; an empty one for anything else. */
export function record(value: unknown): Readonly<Record<string, unknown>> {
  const usable = typeof value === 'object' && value !== null && !Array.isArray(value)
  return usable ? (value as Record<string, unknown>) : {}
}

/** The value as a list; an empty one for anything else. */
export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
