/** Time that passes when nobody has anything to do until later. */
export class VirtualClock {
  now = Date.UTC(2026, 0, 5, 9, 0, 0)
  #busy = 0
  readonly #sleepers: { at: number; wake: () => void }[] = []

  /** Counts as busy whenever it is not asleep. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    this.#busy += 1
    try {
      return await work()
    } finally {
      this.#busy -= 1
      this.#advance()
    }
  }

  sleep(ms: number): Promise<void> {
    return new Promise(resolve => {
      this.#sleepers.push({ at: this.now + Math.max(0, ms), wake: resolve })
      this.#busy -= 1
      this.#advance()
    })
  }

  #advance(): void {
    if (this.#busy > 0 || this.#sleepers.length === 0) return
    const next = this.#sleepers.reduce((soonest, one) => Math.min(soonest, one.at), Number.POSITIVE_INFINITY)
    this.now = Math.max(this.now, next)
    const due = this.#sleepers.filter(one => one.at <= this.now)
    for (const one of due) {
      this.#sleepers.splice(this.#sleepers.indexOf(one), 1)
      this.#busy += 1
      one.wake()
    }
  }
}
