import type { Random } from './mutate.ts'

/** A parser of text from outside. */
export interface Target {
  readonly name: string
  /** Hands it an input that was made with these numbers. Whatever it throws must be declared. */
  run(random: Random): unknown
  /** Whether it may throw this. By default nothing. */
  declared?(error: unknown): boolean
}
