/** The REST threads of an instance and the queue in front of them. */
export class Semaphore {
  readonly #threads: number
  readonly #maxQueue: number
  readonly #queue: (() => void)[] = []
  #busy = 0

  /**
   * @param threads requests that are processed at the same time
   * @param maxQueue requests that may wait for a thread
   */
  constructor(threads = Number.POSITIVE_INFINITY, maxQueue = 0) {
    this.#threads = threads
    this.#maxQueue = maxQueue
  }

  /** Waits for a thread. False when the queue is full. Call {@link release} once after each true. */
  async acquire(): Promise<boolean> {
    if (this.#busy < this.#threads) {
      this.#busy += 1
      return true
    }
    if (this.#queue.length >= this.#maxQueue) return false
    await new Promise<void>(resolve => this.#queue.push(resolve))
    return true
  }

  /** Gives the thread to the next request in the queue, or frees it. */
  release(): void {
    const next = this.#queue.shift()
    if (next) next()
    else this.#busy -= 1
  }
}
