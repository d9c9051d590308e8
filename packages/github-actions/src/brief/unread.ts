import type { GitHubProblem } from '@change-actions/github-api'
import { reasonOf } from '../github/github.ts'

/** What a part of the brief needs, for the reason why it is missing. */
export interface Needs {
  /** What is read, for the log. */
  readonly what: string
  /** Permissions of the token, as a workflow names them: `pull-requests: read`. */
  readonly permissions: string
  /** What else a response "not found" may mean. */
  readonly otherwise?: string
}

/** Why a part of the brief could not be read, for people. May hold untrusted text. */
export function whyUnread(problem: GitHubProblem, { permissions, otherwise }: Needs): string {
  switch (problem.code) {
    case 'no-permission':
      return `the token needs ${permissions}`
    case 'not-found':
      return `GitHub does not show it to the token: it needs ${permissions}${otherwise === undefined ? '' : `, or ${otherwise}`}`
    case 'credentials':
      return 'GitHub does not accept the token'
    case 'timeout':
      return 'GitHub did not respond in time'
    default:
      return `GitHub: ${reasonOf(problem)}`
  }
}
