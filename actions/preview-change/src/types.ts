import type { ChangePreview } from '@change-actions/change-operations'
import type { PolicyFacts } from '@change-actions/github-actions'

/** What merging would open for an environment. Texts may come from outside and are raw. */
export type EnvironmentPreview = {
  /** As the policy spells it; '' for a deployment without one. */
  readonly environment: string
} & (
  | ({ readonly kind: 'change' } & PreviewedChange)
  /** The policy frees it. */
  | { readonly kind: 'free'; readonly why: string }
  /** The policy has mistakes, or does not list it: every deployment would stop. */
  | { readonly kind: 'refused'; readonly problems: readonly string[] }
)

export interface PreviewedChange {
  readonly title: string
  /** Undefined where a change model decides, and where the workflow has to say. */
  readonly type: string | undefined
  readonly change: ChangePreview
  /** Counted from the start of the deployment, so the window is that of a deployment now. */
  readonly relative: boolean
  readonly checkConflicts: 'ignore' | 'warn' | 'fail'
  readonly enforced: PolicyFacts['enforced']
  /** Inputs that the workflow has to give: the policy allows several values, and none of them is the default. */
  readonly open: readonly string[]
  /** Names that are wrong, each with its fix. */
  readonly problems: readonly NameProblem[]
}

export interface NameProblem {
  readonly input: string
  /** What happened, as sentences. Untrusted text. */
  readonly text: string
  /** Without a full stop. */
  readonly fix: string
}

export interface Preview {
  /** Undefined without a policy, and for one that is no policy. */
  readonly policy: Pick<PolicyFacts, 'repository' | 'path' | 'commit'> | undefined
  /** Why there is nothing to preview: no policy, or one that has mistakes. */
  readonly remark: string | undefined
  /** What is wrong with the policy: merging would stop every deployment. */
  readonly mistakes: readonly string[]
  readonly environments: readonly EnvironmentPreview[]
}

/** Everything that is wrong with the policy, each once. Names that are wrong are not among it. */
export function mistakesOf({ mistakes, environments }: Preview): readonly string[] {
  const refused = environments.flatMap(one => (one.kind === 'refused' ? one.problems : []))
  return [...new Set([...mistakes, ...refused])]
}

/** The names that are wrong, with their environment. */
export function namesOf({
  environments
}: Preview): readonly (NameProblem & { readonly environment: string })[] {
  return environments.flatMap(one =>
    one.kind === 'change' ? one.problems.map(problem => ({ ...problem, environment: one.environment })) : []
  )
}
