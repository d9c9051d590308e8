import type { CheckedFile } from './checked-file.ts'

/** A file to attach, checked: it exists, is readable, not empty and in an allowed place. */
export interface EvidenceFile extends CheckedFile {
  /** The path or glob that found it, as given. */
  readonly given: string
  /** The name to show in the target system: one line, no separators, unique among the files found. */
  readonly name: string
  readonly contentType: string
  /** Only globs found it. */
  readonly optional?: boolean
}

/** What is to be found. */
export interface EvidenceRequest {
  /** Paths and globs, relative to the workspace; a line that starts with `!` takes away from the globs. */
  readonly files?: readonly string[]
  /** Entries of an `attachments` list: a path or glob, or `{ name?, file }`. */
  readonly attachments?: readonly unknown[]
  readonly workspace: string
  readonly temp: string
}

/** One path or glob to look for. */
export interface Wanted {
  /** The input it came from, for messages. */
  readonly input: string
  readonly pattern: string
  readonly name?: string
}

/** A file that was found for a Wanted, before it has its final name. */
export interface Candidate {
  readonly wanted: Wanted
  /** Where it was found, symbolic links unresolved: what its name is made from. */
  readonly found: string
  readonly file: CheckedFile
  /** A glob found it. */
  readonly optional?: boolean
}
