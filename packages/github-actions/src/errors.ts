/** An error whose title is fit for an annotation; `runStep` shows title and message, and nothing else. */
export interface Titled {
  readonly title: string
  readonly message: string
}

/** Whether an error was made for the user, by its shape: it may come from any package. */
export function isTitled(error: unknown): error is Titled {
  if (typeof error !== 'object' || error === null) return false
  const { title, message } = error as Partial<Titled>
  return typeof title === 'string' && title !== '' && typeof message === 'string'
}

/** The words of whatever was thrown. */
export function messageOf(error: unknown): string {
  const { message } = (error ?? {}) as { message?: unknown }
  return typeof message === 'string' ? message : String(error)
}

/** The stacks of an error and its causes. Never its other properties: these may hold requests and headers. */
export function stackOf(error: unknown): string {
  const stacks: string[] = []
  let each = error
  while (each instanceof Error && stacks.length < 5) {
    stacks.push(each.stack ?? each.message)
    each = each.cause
  }
  return stacks.join('\ncaused by ') || messageOf(error)
}
