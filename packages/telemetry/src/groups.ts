/** The items by their key, in the order of their first appearance. (`Map.groupBy` is not in Node 20.) */
export function groups<T>(items: readonly T[], keyOf: (item: T) => string): (readonly [T, ...T[]])[] {
  const found = new Map<string, [T, ...T[]]>()
  for (const item of items) {
    const key = keyOf(item)
    const group = found.get(key)
    if (group === undefined) found.set(key, [item])
    else group.push(item)
  }
  return [...found.values()]
}
