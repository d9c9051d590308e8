/** The last line of an error annotation. */
const MORE = /\n?More: https:\/\/github\.com\/[\w./-]+\/docs\/troubleshooting\.md#[\w-]+$/

/** The message of an error without the line that links to its entry. @throws Error where there is no such line */
export function withoutMore(message: string): string {
  if (message === '') return ''
  if (!MORE.test(message)) throw new Error(`The error does not link to its entry: ${message}`)
  return message.replace(MORE, '')
}
