import { AttemptTimeout } from './transport.ts'

/**
 * Uploads go side by side until one runs out of time; from then on they go one at a time. Over a slow line each of
 * several gets too little: they would run out of time together, and be sent again together. Where one alone runs out
 * of time too, it was not the others: they go side by side again.
 */
export class Turns {
  private alone = false
  private underWay = 0
  private readonly waiting: (() => void)[] = []

  async take<T>(upload: () => Promise<T>): Promise<T> {
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
