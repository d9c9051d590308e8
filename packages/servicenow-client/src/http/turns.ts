import { AttemptTimeout } from './transport.ts'

/**
 * Uploads go side by side until one runs out of time; from then on they go one at a time. Over a slow line each of
 * several gets too little: they would run out of time together, and be sent again together.
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
    try {
      return await upload()
    } catch (error) {
      this.alone ||= error instanceof AttemptTimeout
      throw error
    } finally {
      this.underWay -= 1
      this.waiting.shift()?.()
    }
  }
}
