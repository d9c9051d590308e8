import { AttemptTimeout } from './transport.ts'

/**
 * Limits uploads that are under way at once. They go in parallel until one runs out of time; from then on one at a
 * time: over a slow line each of several gets too little, and they would run out of time together, again and again.
 * Where one alone runs out of time too, it was not the others: they go in parallel again.
 */
export class UploadLimiter {
  private alone = false
  private underWay = 0
  private readonly waiting: (() => void)[] = []

  async run<T>(upload: () => Promise<T>): Promise<T> {
    while (this.alone && this.underWay > 0)
      await new Promise<void>(resolve => {
        this.waiting.push(resolve)
      })
    this.underWay += 1
    const aloneThen = this.alone
    try {
      return await upload()
    } catch (error) {
      if (error instanceof AttemptTimeout) this.alone = !aloneThen
      throw error
    } finally {
      this.underWay -= 1
      const woken = this.alone ? this.waiting.splice(0, 1) : this.waiting.splice(0)
      for (const wake of woken) wake()
    }
  }
}
