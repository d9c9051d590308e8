import { stepProblem } from '@change-actions/github-actions/change'
import type { FailOn } from './inputs.ts'
import { countsOf, type Report, untoldCount } from './report.ts'

/** Why the step fails, the gravest reason first: a report that is not whole may have missed what it was asked for. */
export function failureOf({ rows, creators, unread, hidden }: Report, failOn: readonly FailOn[]) {
  const counts = [
    ...countsOf(rows).map(({ code, count }) => ({ code: code as FailOn, count })),
    { code: 'cannot-be-told' as const, count: untoldCount(rows) }
  ].filter(({ code, count }) => failOn.includes(code) && count > 0)
  if (creators.length > 0) return stepProblem('untrusted-creators', { creators })
  if (unread.length > 0 || hidden) return stepProblem('audit-incomplete', { unread, hidden })
  return counts.length > 0 ? stepProblem('audit-findings', { counts }) : undefined
}
