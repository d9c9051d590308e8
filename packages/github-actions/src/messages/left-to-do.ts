import type { LeftToDo } from '@change-actions/change-operations'

/** The manual action that is required where a post step could not finish a change. */
export function leftToDoText({ code, number, closeCode, doubtful, result }: LeftToDo): string {
  const after = `(job ${result}).`
  const first = doubtful ? `see whether ${number} is in Implement with a claim of this run; if so, ` : ''
  const withCode = closeCode === undefined ? '' : ` with close code ${closeCode}`
  switch (code) {
    case 'check-not-deployed':
      return `check ${number}: nothing was deployed under it by this run (job ${result}), and it may have to be canceled.`
    case 'close':
      return `${first}close ${number}${withCode} ${after}`
    case 'move-to-review':
      return `${first}move ${number} to Review${withCode} ${after}`
    case 'add-note':
      return `${first}add a work note to ${number}: the job ended with ${result}.`
  }
}
