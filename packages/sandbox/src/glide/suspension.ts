/** While it lasts, scripted rules do not run: `setWorkflow(false)`, and writes of a test. */
export class Suspension {
  #depth = 0

  get active(): boolean {
    return this.#depth > 0
  }

  during<T>(task: () => T): T {
    this.#depth += 1
    try {
      return task()
    } finally {
      this.#depth -= 1
    }
  }
}
