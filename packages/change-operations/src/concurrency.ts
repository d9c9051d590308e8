/** As Promise.all, but waits for all and throws the first error in order, so that messages are the same each run. */
export async function settleAll<T extends readonly unknown[]>(
  promises: T
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  const settled = await Promise.allSettled(promises)
  const failed = settled.find(one => one.status === 'rejected')
  if (failed !== undefined) throw failed.reason
  return settled.map(one => (one as PromiseFulfilledResult<unknown>).value) as {
    -readonly [K in keyof T]: Awaited<T[K]>
  }
}

/**
 * Does a job for each item, at most `concurrency` at once, begun in order. After a failure no further job is begun,
 * those under way are waited for, and the first failure in the items' order is thrown.
 */
export async function forEachConcurrently<T>(
  items: readonly T[],
  concurrency: number,
  job: (item: T, n: number) => Promise<void>
): Promise<void> {
  const entries = items.entries()
  const failures: { n: number; error: unknown }[] = []
  const worker = async (): Promise<void> => {
    // The workers share one iterator: each takes the next item that no other has taken.
    for (const [n, item] of entries) {
      await job(item, n).catch(error => failures.push({ n, error }))
      if (failures.length > 0) return
    }
  }
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, worker))
  const [first] = failures.sort((a, b) => a.n - b.n)
  if (first !== undefined) throw first.error
}
