/** What is not proved of a rollback. */
export type Unproved =
  /** The change that failed is not ours, or is bound to another repository or environment. */
  | 'other-scope'
  /** It was closed as successful. */
  | 'was-successful'
  /** No earlier change of this repository and environment was closed as successful for the commit. */
  | 'commit-not-deployed'

const TEXTS: Readonly<Record<Unproved, (failed: string) => string>> = {
  'other-scope': failed => `that ${failed} was made for this repository and environment`,
  'was-successful': failed => `that ${failed} failed: it is closed as successful`,
  'commit-not-deployed': () =>
    'that the commit was deployed here before: no earlier change of this repository and environment was closed as successful for it'
}

/** What is not proved, in words, after `not proved`. @param failed number of the change that failed */
export function unprovedWords(unproved: readonly Unproved[], failed: string): string[] {
  return unproved.map(one => TEXTS[one](failed))
}
