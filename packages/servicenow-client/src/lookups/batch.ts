/** Gathers the keys asked for in the same tick into one request; what its result does not hold is `none`. */
export function batch<T>(
  ask: (keys: readonly string[]) => Promise<ReadonlyMap<string, T>>,
  none: T
): (key: string) => Promise<T> {
  let open: { readonly keys: Set<string>; readonly result: Promise<ReadonlyMap<string, T>> } | undefined
  const begin = () => {
    const keys = new Set<string>()
    const result = Promise.resolve().then(() => {
      open = undefined
      return ask([...keys])
    })
    return { keys, result }
  }
  return async key => {
    open ??= begin()
    open.keys.add(key)
    return (await open.result).get(key) ?? none
  }
}
