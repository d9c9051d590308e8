/** The policy that a step works under. */
export interface PolicyFacts {
  /** The file, as the user wrote it. */
  readonly file: string
  /** The environment's section, as the file spells it; undefined where the defaults alone apply. */
  readonly section: string | undefined
  /** The format of the change's title, with `{repository}`, `{version}` and `{environment}`. */
  readonly title: string
}
