/** A node's REST threads and the queue in front of them. */
export class Semaphore {
  readonly #threads: number
  readonly #queue: number
  readonly #waiting: (() => void)[] = []
  #busy = 0

  constructor(threads = Number.POSITIVE_INFINITY, queue = 0) {
    this.#threads = threads
    this.#queue = queue
  }

  /** Waits for a thread; false when the queue is full. Every true must be followed by one {@link leave}. */
  async enter(): Promise<boolean> {
    if (this.#busy < this.#threads) {
      this.#busy += 1
      return true
    }
    if (this.#waiting.length >= this.#queue) return false
    await new Promise<void>(resolve => this.#waiting.push(resolve))
    return true
  }

  /** Gives the thread back, or to the next in line. */
  leave(): void {
    const next = this.#waiting.shift()
    if (next) next()
    else this.#busy -= 1
  }
}
