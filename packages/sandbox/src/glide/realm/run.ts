import type { RecordParts } from './records.ts'
import type {
  Facts,
  Host,
  Outcome,
  RecordFact,
  Records,
  RequestFact,
  ResponseFact,
  Scope,
  Task
} from './types.ts'

/** What a run needs of the other functions of this folder. */
interface Parts extends RecordParts {
  installRecords(scope: Scope, host: Host, parts: RecordParts): Records
  installSystem(scope: Scope, host: Host, facts: Facts, records: Records): string[]
  installAttachments(scope: Scope, host: Host, records: Records): void
  installDateTime(scope: Scope, host: Host): void
  installRest(scope: Scope, host: Host): void
  installFlow(scope: Scope, host: Host): void
  keepEs5(scope: Scope): void
  realmRequest(fact: RequestFact): unknown
  realmResponse(): { response: unknown; told: (returned: unknown) => ResponseFact }
}

/**
 * Runs one task in the realm.
 * @param bridge `(operation, JSON) => JSON` of `{ value }` or `{ error }`
 * @returns the outcome as JSON
 */
export function runTask(
  scope: Scope,
  bridge: (operation: string, json: string) => string,
  json: string,
  parts: Parts
): string {
  const task = JSON.parse(json) as Task
  const withMessage = (message: string) => {
    const error = new Error(message)
    // Scripts are written for the platform's exceptions too.
    Object.defineProperty(error, 'getMessage', { value: () => message })
    return error
  }
  const host: Host = (operation, args) => {
    const { value, error } = JSON.parse(bridge(operation, JSON.stringify(args ?? {})))
    if (error !== undefined) throw withMessage(error)
    return value
  }
  const records = parts.installRecords(scope, host, parts)
  const messages = parts.installSystem(scope, host, task.facts, records)
  parts.installAttachments(scope, host, records)
  parts.installDateTime(scope, host)
  parts.installRest(scope, host)
  parts.installFlow(scope, host)
  parts.keepEs5(scope)

  // biome-ignore lint/security/noGlobalEval: the script of an application, in its own realm
  const compile = eval
  const evaluate = (source: string) => compile(`${source}\n//# sourceURL=${task.name.replace(/\s/g, '-')}.js`)
  const record = (fact: RecordFact | undefined) => (fact ? records.create(fact) : null)

  const rule = (): Outcome => {
    const current = record(task.current)
    scope.current = current
    scope.previous = record(task.previous)
    if (task.condition && !compile(`(${task.condition}\n)`)) return { met: false }
    evaluate(task.script)
    if (!current) return { met: true }
    const given = task.current as RecordFact
    const changed: Record<string, string> = {}
    const values = current.allValues()
    for (const name of Object.keys(values)) {
      const sent = given.notes?.[name] ?? given.values[name] ?? ''
      if (values[name] !== sent) changed[name] = values[name] as string
    }
    return { met: true, changed, aborted: current.isActionAborted(), messages }
  }
  const resource = (): Outcome => {
    const { response, told } = parts.realmResponse()
    scope.request = parts.realmRequest(task.request as RequestFact)
    scope.response = response
    return { response: told(evaluate(task.script)) }
  }
  const flow = (): Outcome => {
    const outputs = {}
    scope.inputs = task.inputs
    scope.outputs = outputs
    evaluate(task.script)
    return { outputs }
  }
  const action = (): Outcome => {
    scope.current = record(task.current)
    scope.event = task.event
    evaluate(task.script)
    return {}
  }
  const kinds = { rule, resource, flow, action }
  try {
    return JSON.stringify(kinds[task.kind]())
  } catch (thrown) {
    const error = thrown as { message?: unknown; stack?: unknown } | null
    const message = String(error?.message ?? thrown)
    return JSON.stringify({ error: { message, stack: String(error?.stack ?? message) } })
  }
}
