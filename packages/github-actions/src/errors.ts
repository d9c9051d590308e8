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
