/** Reads the requests that an instance received as short lines, the same for both REST APIs. */
import type { InProcessSandbox, RequestRecord } from '@change-actions/sandbox'
import { noteText } from '../notes.ts'
import { bindingNote } from '../own/binding-note.ts'
import { BOUND, DEPLOYMENT } from './deployment.ts'

interface Kind {
  readonly method: string
  /** Matches path and query. */
  readonly path: RegExp
}

const CHANGE = '/(?:change|change_request)/([0-9a-f]{32})'
const END = String.raw`(?:\?|$)`

/** The requests of operations by what they do. */
export const KINDS = {
  find: { method: 'GET', path: /\/(?:v1\/change|table\/change_request)\?/ },
  get: { method: 'GET', path: new RegExp(CHANGE + END) },
  create: {
    method: 'POST',
    path: /\/(?:v1\/change(?:\/(?:normal|emergency|standard\/\w+))?|table\/change_request)(?:\?|$)/
  },
  update: { method: 'PATCH', path: new RegExp(CHANGE + END) },
  nextstates: { method: 'GET', path: new RegExp(`${CHANGE}/nextstates`) },
  'evaluate-risk': { method: 'PATCH', path: new RegExp(`${CHANGE}/risk`) },
  conflicts: { method: 'GET', path: new RegExp(`${CHANGE}/conflict`) },
  'start-conflict-check': { method: 'POST', path: new RegExp(`${CHANGE}/conflict`) },
  tasks: { method: 'GET', path: new RegExp(String.raw`${CHANGE}/task${END}|/table/change_task\?`) },
  task: { method: 'PATCH', path: /\/(?:task|change_task)\/([0-9a-f]{32})/ },
  approvals: { method: 'GET', path: /\/table\/sysapproval_approver\?/ },
  attachments: { method: 'GET', path: /\/attachment\?/ },
  upload: { method: 'POST', path: /\/attachment\/file\?/ },
  template: { method: 'GET', path: /\/(?:standard\/template|table\/std_change_record_producer)\?/ },
  'look-up': { method: 'GET', path: /\/table\/(\w+)\?/ },
  'sign-in': { method: 'POST', path: /\/oauth_token\.do/ }
} as const satisfies Record<string, Kind>

export type RequestKind = keyof typeof KINDS

/** What a write of a change names beside its fields. */
const KIND_FIELDS = ['type', 'chg_model', 'std_change_producer_version']

/** `update CHG0030001 state=-4`, `create normal short_description=Deploy`, `find number=CHG0030001`. */
export function lineOf(sandbox: InProcessSandbox, request: RequestRecord): string {
  const target = `${request.path}?${request.query}`
  const entries = Object.entries(KINDS) as [RequestKind, Kind][]
  const found = entries.find(([, { method, path }]) => method === request.method && path.test(target))
  if (found === undefined) return `${request.method} ${request.path}`
  const [kind, { path }] = found
  const [, id = ''] = path.exec(target) ?? []
  return [kind, detailOf(sandbox, kind, id, request)].filter(Boolean).join(' ')
}

function detailOf(sandbox: InProcessSandbox, kind: RequestKind, id: string, request: RequestRecord): string {
  const query = new URLSearchParams(request.query)
  const number = sandbox.change(id)?.number ?? id
  switch (kind) {
    case 'find':
      return termsOf(query)
    case 'look-up':
      return `${id} ${termsOf(query)}`
    case 'get':
    case 'evaluate-risk':
    case 'conflicts':
    case 'start-conflict-check':
      return number
    case 'create':
      return createdBy(sandbox, request)
    case 'update': {
      const byName = query.has('sysparm_input_display_value') ? ' (by name)' : ''
      return `${number} ${fieldsIn(request)}${byName}`
    }
    case 'task': {
      const task = sandbox.rows('change_task').find(row => row.sys_id === id)
      return `${task?.number} ${fieldsIn(request)}`
    }
    case 'upload':
      return `${sandbox.change(query.get('table_sys_id') ?? '')?.number} ${query.get('file_name')}`
    default:
      return ''
  }
}

function createdBy(sandbox: InProcessSandbox, request: RequestRecord): string {
  const sent: Record<string, unknown> = JSON.parse(request.json)
  const templates = sandbox.rows('std_change_record_producer')
  const template = templates.find(
    row =>
      request.path.endsWith(`/standard/${row.sys_id}`) ||
      (row.current_version !== '' && row.current_version === sent.std_change_producer_version)
  )
  const model = sandbox.rows('chg_model').find(row => row.sys_id === sent.chg_model)
  const [, type = sent.type] = /\/(normal|emergency)$/.exec(request.path) ?? []
  const kind = template ? `from ${template.name}` : model ? `modelled ${model.name}` : String(type)
  return `${kind} ${fieldsIn(request, KIND_FIELDS)}`
}

/** The binding to the deployment of the tests goes without saying, and so does the note about it. */
function fieldsIn(request: RequestRecord, without: readonly string[] = []): string {
  return Object.entries(JSON.parse(request.json))
    .map(([name, value]) => [name, shortened(withoutBinding(String(value)))] as const)
    .filter(([name, value]) => !without.includes(name) && !(SILENT.includes(name) && value === ''))
    .map(([name, value]) => `${name}=${value.replaceAll('\n', ' ')}`)
    .join(' ')
}

const SILENT = ['correlation_display', 'work_notes']

function withoutBinding(text: string): string {
  if (text === BOUND) return ''
  const note = noteText(bindingNote(DEPLOYMENT, 'bound'))
  return text.replace(note, '').replace(/\n\n$/, '')
}

/** The hashes of what was submitted are the same length of noise in each test. */
function shortened(value: string): string {
  return value.replace(/^Fields as they were submitted[\s\S]*\[gha2 fields [^\]]*\]$/, 'fingerprint')
}

/** Without the order of the rows, which each API asks for in its own way. */
function termsOf(query: URLSearchParams): string {
  return (query.get('sysparm_query') ?? '').replace(/(?:\^ORDERBY(?:DESC)?\w+)+$/, '')
}
