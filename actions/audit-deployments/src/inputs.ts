import { FINDINGS } from '@change-actions/change-control'
import { listOf, pastTime, type Rules, resolveDate, text, type Values } from '@change-actions/github-actions'
import {
  connectionInputs,
  connectionProblems,
  lifeCycleInputs,
  ownershipInputs,
  ownershipProblems
} from '@change-actions/github-actions/input-sets'

/** Nothing is written, so there is no dry run. */
const { dryRun: _, ...connection } = connectionInputs

/** What `fail-on` may list: the findings, and lines of which something cannot be told. */
const FAIL_ON = [...FINDINGS, 'cannot-be-told'] as const

export type FailOn = (typeof FAIL_ON)[number]

export const inputs = {
  ...connection,
  githubToken: text({ context: '${{ github.token }}', secret: true }),
  repositories: listOf(toRepository, {
    default: 'this',
    rule: '`this`, `installation`, or names such as `acme/shop`'
  }),
  environments: listOf(name => name, { rule: 'names of environments' }),
  since: pastTime({ default: '30d' }),
  until: pastTime({ default: '0', defaultText: 'now' }),
  failOn: listOf(toFailOn, { rule: FAIL_ON.map(word => `\`${word}\``).join(', ') }),
  ...ownershipInputs,
  ...lifeCycleInputs
} as const

export type AuditInputs = Values<typeof inputs>

/** What is wrong across the inputs. */
export const rules: Rules<typeof inputs> = (values, given) => [
  ...connectionProblems(values, given),
  ...ownershipProblems(values),
  ...tokenProblems(values),
  ...repositoryProblems(values),
  ...spanProblems(values)
]

function toRepository(item: string): string | undefined {
  return item === 'this' || item === 'installation' || /^[\w.-]{1,100}\/[\w.-]{1,100}$/.test(item)
    ? item
    : undefined
}

function toFailOn(item: string): FailOn | undefined {
  return FAIL_ON.find(one => one === item.toLowerCase())
}

function tokenProblems({ githubToken }: Partial<AuditInputs>): string[] {
  return githubToken === undefined
    ? ["`github-token` is empty: leave it out to use the job's own token, or give one that is not empty"]
    : []
}

function repositoryProblems({ repositories = [] }: Partial<AuditInputs>): string[] {
  return repositories.includes('installation') && repositories.length > 1
    ? ['`repositories: installation` means all of them: give it alone']
    : []
}

function spanProblems({ since, until }: Partial<AuditInputs>): string[] {
  if (since === undefined || until === undefined) return []
  const now = Date.now()
  return resolveDate(since, now) < resolveDate(until, now) ? [] : ['`since` must be before `until`']
}
