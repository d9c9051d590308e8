/**
 * A read that several callers share when they ask at once. Nobody gets the response to a request that was sent
 * earlier than the call: calls that come while a request is under way share the next one.
 */
export class SingleFlight<T> {
  private readonly read: (key: string) => Promise<T>
  private readonly running = new Map<string, Promise<T>>()
  private readonly next = new Map<string, Promise<T>>()

  constructor(read: (key: string) => Promise<T>) {
    this.read = read
  }

  get(key: string): Promise<T> {
    const running = this.running.get(key)
    if (running === undefined) return this.start(key)
    const planned = this.next.get(key)
    if (planned !== undefined) return planned
    const next = running
      .catch(() => undefined)
      .then(() => {
        this.next.delete(key)
        return this.start(key)
      })
    this.next.set(key, next)
    return next
  }

  private start(key: string): Promise<T> {
    const started = this.read(key).finally(() => {
      if (this.running.get(key) === started) this.running.delete(key)
    })
    this.running.set(key, started)
    return started
  }
}
