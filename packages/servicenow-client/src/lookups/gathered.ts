/** Questions asked in the same turn go out as one; what the answer does not name is `none`. */
export function gathered<T>(
  ask: (keys: readonly string[]) => Promise<ReadonlyMap<string, T>>,
  none: T
): (key: string) => Promise<T> {
  let open: { readonly keys: Set<string>; readonly answer: Promise<ReadonlyMap<string, T>> } | undefined
  const begin = () => {
    const keys = new Set<string>()
    const answer = Promise.resolve().then(() => {
      open = undefined
      return ask([...keys])
    })
    return { keys, answer }
  }
  return async key => {
    open ??= begin()
    open.keys.add(key)
    return (await open.answer).get(key) ?? none
  }
}
