/** The policy that a step works under. */
export interface PolicyFacts {
  /** `owner/name` of the repository that has it. */
  readonly repository: string
  /** From the root of that repository. */
  readonly path: string
  /** The full id of the commit that it was read from. */
  readonly commit: string
  /** The environment's section, as the file spells it; undefined where the defaults alone apply. */
  readonly section: string | undefined
  /** The format of the change's title, with `{repository}`, `{version}` and `{environment}`. */
  readonly title: string
  /** Name → sys_id, by input: records that need not be looked up. */
  readonly names: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** The values that bind here, by input: one value, or the list of those that are allowed, as the file has them. */
  readonly enforced: Readonly<Record<string, unknown>>
}

/** `acme/shop/.github/servicenow-change.yml at 0123456789ab`. */
export function policyName({
  repository,
  path,
  commit
}: Pick<PolicyFacts, 'repository' | 'path' | 'commit'>): string {
  return `${repository}/${path} at commit ${commit.slice(0, 12)}`
}
