import type { Candidate } from './candidates.ts'

/** What a policy allows for one input. */
export interface Allowed {
  /** The value that counts whatever else is given; undefined where several are allowed. */
  readonly one: Candidate | undefined
  /**
   * Why a value is refused, to follow the input's name; undefined for one that is allowed.
   *
   * @param text the value as given; undefined where none is
   */
  refusal(value: unknown, text: string | undefined): string | undefined
}

/** What a policy allows, by input name. An input that is not among them may have any value. */
export type AllowedInputs = ReadonlyMap<string, Allowed>
