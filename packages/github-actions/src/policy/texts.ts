import { withoutQuotes } from '@change-actions/change-control'
import type { AppliedPolicy } from './apply-policy.ts'
import { type PolicyFacts, policyName } from './facts.ts'

/** Which policy applies, and which of its parts, for the log. */
export function policyText(applied: AppliedPolicy): string {
  if (applied.kind === 'none') {
    const { repository, path, ref } = applied.place
    return `No policy: the commit ${ref.slice(0, 12)} of ${repository} has no ${path}, so inputs and their defaults apply. To have one, commit the file under that name (.yml, not .yaml).`
  }
  const { policy } = applied
  return `Policy ${policyName(policy)}: ${sectionText(policy)}${enforcedText(policy)}.`
}

function sectionText({ section }: PolicyFacts): string {
  return section === undefined
    ? 'its defaults apply, and no section of an environment'
    : `its section environments.${section} applies, then its defaults`
}

function enforcedText({ enforced }: PolicyFacts): string {
  const inputs = Object.keys(enforced)
  return inputs.length === 0 ? '' : `; it enforces ${inputs.join(', ')}`
}

/** Why an environment is free, for notices. @param environment as given */
export function freeText(
  { policy, by }: Extract<AppliedPolicy, { kind: 'controlled' | 'free' }>,
  environment: string | undefined
): string {
  const what =
    by === 'top' || environment === undefined
      ? 'this repository'
      : `the environment "${withoutQuotes(environment)}"`
  const why = by === 'unlisted' ? 'it is not listed there (unlisted: free)' : 'change-controlled: false'
  return `According to the policy ${policyName(policy)}, ${what} is not change-controlled: ${why}.`
}

/** The output `policy`. */
export function policyOutput({
  repository,
  path,
  commit,
  section,
  enforced
}: PolicyFacts): Readonly<Record<string, unknown>> {
  return { repository, path, commit, section: section ?? '', enforced }
}
