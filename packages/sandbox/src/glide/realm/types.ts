/**
 * What the functions of this folder share. They are compiled a second time, in the realm of a script: each uses only its
 * parameters and the built-in objects of ES5, and none reaches an import or a variable of its module.
 */

/** The global object of a script. */
export type Scope = Record<string, unknown>

/** Asks the instance; the response is a copy. @throws Error with the instance's message */
export type Host = (operation: string, args?: unknown) => unknown

export type RowValues = Record<string, string>

export interface FieldFact {
  readonly name: string
  readonly label: string
  readonly type: string
  readonly target?: string
}

export interface UserFact {
  readonly id: string
  readonly userName: string
  readonly name: string
  readonly roles: readonly string[]
}

/** What a script knows from the start. */
export interface Facts {
  readonly scope: string
  readonly user: UserFact
  /** Sources of the script includes, by name. */
  readonly includes: Readonly<Record<string, string>>
}

/** A record as it is handed to a script. */
export interface RecordFact {
  readonly table: string
  readonly values: RowValues
  /** The stored values; absent for a record that is not stored yet. */
  readonly before?: RowValues
  /** Texts that are added to the journals. */
  readonly notes?: RowValues
  readonly operation?: string
}

export interface RequestFact {
  readonly path: string
  readonly url: string
  readonly queryString: string
  readonly query: Readonly<Record<string, readonly string[]>>
  readonly path_params: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
}

/** One run of a script. */
export interface Task {
  readonly kind: 'rule' | 'resource' | 'flow' | 'action'
  /** Shown in stack traces. */
  readonly name: string
  readonly script: string
  /** An expression; empty: always. */
  readonly condition?: string
  readonly current?: RecordFact
  /** Absent where `previous` is not available. */
  readonly previous?: RecordFact
  readonly request?: RequestFact
  readonly inputs?: unknown
  readonly event?: unknown
  readonly facts: Facts
}

export interface ResponseFact {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** What was written to the stream; absent: `value` is the body. */
  readonly stream?: string
  readonly value?: unknown
  readonly error?: { readonly status: number; readonly message: string; readonly detail: string }
}

/** How a run ended. */
export interface Outcome {
  readonly error?: { readonly message: string; readonly stack: string }
  /** Whether the condition of a rule was met. */
  readonly met?: boolean
  readonly changed?: RowValues
  readonly aborted?: boolean
  /** Messages for the user: `gs.addErrorMessage`. */
  readonly messages?: readonly string[]
  readonly response?: ResponseFact
  readonly outputs?: unknown
}

/** A record inside of the realm, as the other functions use it. */
export interface RealmRecord {
  getTableName(): string
  getUniqueValue(): string
  /** The values as they are now, with texts for journals. */
  allValues(): RowValues
  isActionAborted(): boolean
}

export interface Records {
  create(fact: RecordFact): RealmRecord
  isRecord(value: unknown): value is RealmRecord
}
