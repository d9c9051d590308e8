/** Where the value of an input came from. */
export type Source =
  /** Given in the workflow, under either spelling. */
  | { readonly kind: 'input' }
  /** The environment variable that the input falls back to. */
  | { readonly kind: 'environment'; readonly variable: string }
  | PolicySource
  /** The default; undefined as a value where there is none. */
  | { readonly kind: 'built-in' }

/** A section of a policy file. */
export interface PolicySource {
  readonly kind: 'policy'
  /** As the user wrote it. */
  readonly file: string
  /** `defaults`, or `environments.<name>`. */
  readonly section: string
}

/** Values that lie under the inputs: they count where the workflow gives none. */
export interface Layer {
  readonly source: PolicySource
  /** By input name (`poll-interval`), as YAML has them. */
  readonly values: Readonly<Record<string, unknown>>
  /** Where each value stands, `file:line:column`, by input name: for messages. */
  readonly places: Readonly<Record<string, string>>
}

/** A source in words, to follow "from". */
export function sourceText(source: Source): string {
  switch (source.kind) {
    case 'input':
      return 'the input'
    case 'environment':
      return `the environment variable ${source.variable}`
    case 'policy':
      return `the policy ${source.file}, ${source.section}`
    case 'built-in':
      return 'the default'
  }
}
