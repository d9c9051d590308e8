/** Callers waiting for something to become true, asked again whenever something happened. */
export class Watchers {
  readonly #waiting = new Map<() => void, (reason: Error) => void>()
  #planned = false

  /** Something happened; those waiting are asked once the current transaction is complete. */
  notify(): void {
    if (this.#planned || this.#waiting.size === 0) return
    this.#planned = true
    queueMicrotask(() => {
      this.#planned = false
      for (const ask of [...this.#waiting.keys()]) ask()
    })
  }

  /** Nothing will happen any more. */
  stop(): void {
    for (const giveUp of [...this.#waiting.values()]) giveUp(new Error('The sandbox was stopped.'))
  }

  /**
   * Resolves with the first truthy (or otherwise defined) value of `probe`.
   * @throws Error after `timeoutMs` of real time, or what `probe` throws
   */
  wait<T>(probe: () => T | undefined | false, timeoutMs: number): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const finish = (end: () => void) => {
        this.#waiting.delete(ask)
        clearTimeout(timer)
        end()
      }
      const ask = () => {
        try {
          const found = probe()
          if (found !== undefined && found !== false) finish(() => resolve(found))
        } catch (error) {
          finish(() => reject(error))
        }
      }
      const timer = setTimeout(
        () =>
          finish(() => reject(new Error(`The sandbox did not get there within ${timeoutMs} ms: ${probe}`))),
        timeoutMs
      )
      this.#waiting.set(ask, reason => finish(() => reject(reason)))
      ask()
    })
  }
}
