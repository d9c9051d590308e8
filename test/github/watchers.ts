interface Watcher {
  /** Resolves the promise and returns true when the condition holds. */
  check(): boolean
  fail(error: Error): void
}

/** Promises that wait for a condition; it is checked after each change, so nobody has to poll. */
export class Watchers {
  readonly #waiting = new Set<Watcher>()

  notify(): void {
    for (const watcher of [...this.#waiting]) if (watcher.check()) this.#waiting.delete(watcher)
  }

  /** Rejects after `timeoutMs` of real time. */
  wait<T>(probe: () => T | undefined | false, timeoutMs: number): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(watcher)
        reject(new Error(`not the case within ${timeoutMs} ms: ${probe}`))
      }, timeoutMs)
      const watcher: Watcher = {
        check: () => {
          const value = probe()
          if (value === undefined || value === false) return false
          clearTimeout(timer)
          resolve(value)
          return true
        },
        fail: error => {
          clearTimeout(timer)
          reject(error)
        }
      }
      if (!watcher.check()) this.#waiting.add(watcher)
    })
  }

  /** Rejects all that still wait. */
  stop(): void {
    for (const watcher of this.#waiting) watcher.fail(new Error('the test GitHub was stopped'))
    this.#waiting.clear()
  }
}
