import type { Policy } from '../message.ts'
import { AttemptTimeout } from '../transport.ts'

/**
 * Limits uploads that are under way at once. They go in parallel until one times out, then one at a time: over a slow
 * line they would all time out again and again. When one times out alone, the others were not the reason: they go in
 * parallel again.
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
    const wasAlone = this.alone
    try {
      return await upload()
    } catch (error) {
      if (error instanceof AttemptTimeout) this.alone = !wasAlone
      throw error
    } finally {
      this.underWay -= 1
      const woken = this.alone ? this.waiting.splice(0, 1) : this.waiting.splice(0)
      for (const wake of woken) wake()
    }
  }
}

/** Sends files through an upload limiter, and everything else at once. */
export function limitUploads(limiter = new UploadLimiter()): Policy {
  return (request, next) =>
    typeof request.body === 'object' ? limiter.run(() => next(request)) : next(request)
}
