/** Asks only once for the same arguments; what failed may be asked for again. */
export function memoize<A extends readonly string[], T>(
  ask: (...args: A) => Promise<T>
): (...args: A) => Promise<T> {
  const results = new Map<string, Promise<T>>()
  return (...args) => {
    const key = JSON.stringify(args)
    const known = results.get(key)
    if (known !== undefined) return known
    const result = ask(...args)
    results.set(key, result)
    result.catch(() => results.delete(key))
    return result
  }
}
