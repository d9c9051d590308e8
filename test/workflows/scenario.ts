import type { Sandbox, SandboxOptions } from '@change-actions/sandbox'
import type { Run } from './run-log.ts'

/** One run of a workflow, with what the people do meanwhile and what must be true afterwards. */
export interface Scenario {
  /** The workflow or example it is about; scenarios of one subject stand together in the table. */
  readonly subject: string
  /** Says what happens, and what becomes of it. */
  readonly name: string
  /** The caller's repository: text by path. */
  readonly files: Readonly<Record<string, string>>
  /** Earlier commits, each with a tag, oldest first; `files` come on top. */
  readonly history?: readonly { readonly tag: string; readonly files: Readonly<Record<string, string>> }[]
  /** Files of earlier commits that are no longer there. */
  readonly gone?: readonly string[]
  /** A branch made at the last commit. */
  readonly branch?: string
  /** Default: push. */
  readonly event?: string
  /** What GitHub would send with the event. */
  readonly payload?: object
  /** Inputs of a `workflow_dispatch`. */
  readonly inputs?: Readonly<Record<string, string>>
  /** Added to the instance and the OAuth client of the sandbox; an empty text takes one away. */
  readonly vars?: Readonly<Record<string, string>>
  readonly secrets?: Readonly<Record<string, string>>
  /** Environment of the runner itself. */
  readonly env?: Readonly<Record<string, string>>
  readonly sandbox?: SandboxOptions
  /** Prepares the instance and what else is needed, and adds to what the run is given. */
  setUp?(world: World): Promise<Given> | Given
  /** What the people do while it runs. Default: approve each change that requests it. */
  readonly people?: 'approve' | 'reject' | 'nothing' | ((sandbox: Sandbox) => Promise<void>)
  /** Default: success. */
  readonly expected?: 'success' | 'failure'
  /** Looks at the run and at the instance's records; throws when something is wrong. */
  check(played: Played): Promise<void> | void
}

export interface World {
  readonly sandbox: Sandbox
  /** The id of a commit in the caller's repository, by tag or branch. */
  commitOf(ref: string): string
  /** Called when the run is over. */
  atEnd(finish: () => void): void
}

export type Given = Pick<Scenario, 'vars' | 'secrets' | 'inputs' | 'payload' | 'env'>

export interface Played extends World {
  readonly run: Run
  /** A file that the run left in `$RECORDS`; undefined when there is none. */
  record(name: string): string | undefined
}
