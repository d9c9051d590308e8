import { FINDINGS } from '@change-actions/change-control'
import { listOf, pastTime, type Rules, resolveDate, text, type Values } from '@change-actions/github-actions'
import {
  connectionInputs,
  connectionProblems,
  lifeCycleInputs,
  ownershipInputs,
  ownershipProblems,
  repositoriesInputs,
  repositoriesProblems
} from '@change-actions/github-actions/input-sets'

/** Nothing is written, so there is no dry run. */
const { dryRun: _, ...connection } = connectionInputs

/** What `fail-on` may list: the findings, and lines of which something cannot be told. */
const FAIL_ON = [...FINDINGS, 'cannot-be-told'] as const

export type FailOn = (typeof FAIL_ON)[number]

export const inputs = {
  ...connection,
  githubToken: text({ context: '${{ github.token }}', secret: true }),
  ...repositoriesInputs,
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
  ...repositoriesProblems(values),
  ...spanProblems(values)
]

function toFailOn(item: string): FailOn | undefined {
  return FAIL_ON.find(one => one === item.toLowerCase())
}

function spanProblems({ since, until }: Partial<AuditInputs>): string[] {
  if (since === undefined || until === undefined) return []
  const now = Date.now()
  return resolveDate(since, now) < resolveDate(until, now) ? [] : ['`since` must be before `until`']
}
