import type { Table } from '../dictionary/field.ts'

/** A part of a scoped application: what a manifest lists, with the text of its script. */
interface Scripted {
  readonly name: string
  /** ES5. */
  readonly script: string
}

export type RuleTime = 'before' | 'after' | 'async'
export type WriteOperation = 'insert' | 'update'

export interface ScriptedRule extends Scripted {
  readonly table: string
  readonly when: RuleTime
  readonly on: readonly WriteOperation[]
  /** Rules run in ascending order. Default 100. */
  readonly order: number
  /** Encoded query; also with `VALCHANGES`, `CHANGESTO` and `CHANGESFROM`. Empty: every record. */
  readonly filter: string
  /** Expression with `current` and `previous`. Empty: always. */
  readonly condition: string
}

export interface ScriptedResource extends Scripted {
  /** Upper case. */
  readonly method: string
  /** Whole path with `{name}` for a segment: `/api/x_acme/v1/events/{id}`. */
  readonly path: string
  /** Without it the script runs as `guest`, whoever calls. */
  readonly authentication: boolean
  /** One of them is needed; none: every account. Default `snc_internal`, as in the default access rule. */
  readonly roles: readonly string[]
}

/** A flow or subflow: a script with `inputs` and `outputs`. */
export interface ScriptedFlow extends Scripted {
  /** It waits after its script, for somebody who ends its execution. */
  readonly waits?: boolean
}

/** A script action: runs for an event that was queued. */
export interface ScriptedAction extends Scripted {
  readonly event: string
}

export interface Property {
  readonly name: string
  readonly value: string
  readonly type: string
}

/** A role of the application, and the accounts of the sandbox that have it. */
export interface OwnRole {
  readonly name: string
  /** User names. */
  readonly holders: readonly string[]
}

/** Fields of a table of the application in which a value may occur once. */
export interface OwnTable {
  readonly table: Table
  readonly unique: readonly string[]
}

/** A scoped application, read and checked. */
export interface Application {
  /** `x_acme`, or `global`. */
  readonly scope: string
  readonly rules: readonly ScriptedRule[]
  readonly resources: readonly ScriptedResource[]
  readonly includes: readonly Scripted[]
  readonly flows: readonly ScriptedFlow[]
  readonly actions: readonly ScriptedAction[]
  readonly properties: readonly Property[]
  readonly tables: readonly OwnTable[]
  readonly roles: readonly OwnRole[]
}

/**
 * An application that instances can be started with. It brings what runs scripts with it: an instance without scripts
 * does not load that.
 */
export interface LoadedScripts {
  readonly application: Application
  /** Starts the scripts in an engine; for the instance alone. */
  readonly start: (engine: never) => unknown
}
