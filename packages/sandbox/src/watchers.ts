/** Waits for conditions. They are checked after every change of the instance. */
export class Watchers {
  /** From a check to the function that ends it with an error. */
  readonly #checks = new Map<() => void, (reason: Error) => void>()
  #scheduled = false

  /** Checks every condition once the current transaction is complete. */
  notify(): void {
    if (this.#scheduled || this.#checks.size === 0) return
    this.#scheduled = true
    queueMicrotask(() => {
      this.#scheduled = false
      for (const check of [...this.#checks.keys()]) check()
    })
  }

  /** Rejects every wait. */
  stop(): void {
    for (const fail of [...this.#checks.values()]) fail(new Error('The sandbox was stopped.'))
  }

  /**
   * Resolves with the first value of `probe` that is neither undefined nor false.
   * @param timeoutMs real time
   * @throws Error after the timeout, when the sandbox stops, or what `probe` throws
   */
  wait<T>(probe: () => T | undefined | false, timeoutMs: number): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const finish = (settle: () => void) => {
        this.#checks.delete(check)
        clearTimeout(timer)
        settle()
      }
      const check = () => {
        try {
          const found = probe()
          if (found !== undefined && found !== false) finish(() => resolve(found))
        } catch (error) {
          finish(() => reject(error))
        }
      }
      const timedOut = () =>
        finish(() => reject(new Error(`The condition was not met within ${timeoutMs} ms: ${probe}`)))
      const timer = setTimeout(timedOut, timeoutMs)
      this.#checks.set(check, reason => finish(() => reject(reason)))
      check()
    })
  }
}
