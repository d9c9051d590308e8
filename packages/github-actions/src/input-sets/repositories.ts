import { listOf } from '../inputs/lists.ts'

/** How GitHub holds deployments until their change is decided. */
export const LATCHES = ['protection-rule', 'rerun', 'dispatch'] as const

export type LatchName = (typeof LATCHES)[number]

/** The repositories that a step looks at. */
export const repositoriesInputs = {
  repositories: listOf(toRepository, {
    default: 'this',
    rule: '`this`, `installation`, or names such as `acme/shop`'
  })
} as const

function toRepository(item: string): string | undefined {
  const isName = /^[\w.-]{1,100}\/[\w.-]{1,100}$/.test(item)
  return item === 'this' || item === 'installation' || isName ? item : undefined
}

interface RepositoryValues {
  readonly repositories?: readonly string[] | undefined
  readonly githubToken?: string | undefined
}

/** What is wrong with the repositories, and with the token that reads them. */
export function repositoriesProblems({ repositories = [], githubToken }: RepositoryValues): string[] {
  const problems =
    repositories.includes('installation') && repositories.length > 1
      ? ['`repositories: installation` means all of them: give it alone']
      : []
  if (githubToken !== undefined) return problems
  return [
    ...problems,
    "`github-token` is empty: leave it out to use the job's own token, or give one that is not empty"
  ]
}
