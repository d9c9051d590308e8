import {
  type ApiName,
  type Approval,
  type Attachment,
  CAPABILITIES,
  type Change,
  type ChangeApi,
  type ChangeTask,
  type ClientProblem,
  type ConflictReport,
  clientProblem,
  type Draft,
  type LookupKind,
  type NextState,
  Problem,
  type Query,
  type Scalar,
  type ServiceNowClient,
  type Template,
  type Upload,
  type WriteOptions
} from '@change-actions/servicenow-client'
import {
  type Cell,
  FIRST_MOMENT,
  JOURNALS,
  kindOf,
  LABELS,
  type Lookup,
  REFERENCES,
  type Row,
  shown,
  toChange
} from './fake-records.ts'

/** What a request may come to instead of a plain response. `lost`: carried out, but the response never arrives. */
export type Fault = ClientProblem | 'lost'

/**
 * A ServiceNow instance in memory, as far as operations can tell: records with both forms of every field, journals that
 * only grow, states that move when asked. What differs on some instances is set by the test.
 */
export class FakeInstance {
  /** Every request in order: `find …`, `create normal`, `update CHG0030001 state=-4`. */
  readonly log: string[] = []
  readonly rows: Row[] = []
  readonly tasks: { changeSysId: string; task: ChangeTask }[] = []
  readonly files: { changeSysId: string; attachment: Attachment }[] = []
  /** Records that names and sys_ids stand for, by `kind:name`; any other is unknown. */
  readonly lookups: Record<string, Lookup> = {}
  readonly choices: Record<string, string | 'hidden'> = {}
  readonly templates: Record<string, Template & { fields: readonly string[] }> = {}
  approverRows: readonly Approval[] | undefined = []
  nextStates: readonly NextState[] | undefined
  /** What each reading of the conflicts gives; the last one for every further reading. */
  conflictReports: readonly ConflictReport[] = [{ lastRun: '', done: false, conflicts: [] }]
  dialect: ApiName = 'change-management'
  now = FIRST_MOMENT
  /** How far the instance's clock is ahead, in milliseconds. */
  skew = 0
  /** How many retries each read of a change was allowed; undefined: as many as usual. */
  readonly retries: (number | undefined)[] = []
  /** A rule of the instance on every write: changes what is written, or throws to abort it. */
  rule: (fields: Record<string, Scalar>, row: Row) => Record<string, Scalar> | undefined = fields => fields
  /** Called after each request of that verb has been carried out. */
  after: (verb: string, row: Row | undefined) => void = () => undefined
  private readonly faults: { verb: string; fault: Fault }[] = []
  private made = 0

  /** The next requests of this verb fare like this, one after the other. */
  fail(verb: string, ...faults: Fault[]): void {
    this.faults.push(...faults.map(fault => ({ verb, fault })))
  }

  /** A record that exists already. */
  add(cells: Readonly<Record<string, Cell>> = {}): Change {
    this.made += 1
    const number = `CHG003000${this.made}`
    const row: Row = {}
    this.rows.push(row)
    const made = new Date(this.now + this.skew).toISOString().replace('T', ' ').slice(0, 19)
    const base = { number, state: '-5', type: 'normal', approval: 'not requested', sys_created_on: made }
    const more = {
      sys_id: `sys-${number}`,
      sys_created_by: 'gha',
      correlation_id: '',
      work_notes: '',
      comments: ''
    }
    this.set(row, { ...base, ...more, ...cells })
    return toChange(row)
  }

  /** Somebody writes to a record, rules aside. */
  set(row: Row | Change, cells: Readonly<Record<string, Cell>>): void {
    const target = 'fields' in row ? this.row((row as Change).sysId) : (row as Row)
    for (const [name, cell] of Object.entries(cells)) {
      const [value, display] =
        typeof cell === 'string' ? [cell, name === 'state' ? (LABELS[cell] ?? cell) : cell] : cell
      target[name] = { value, display }
    }
  }

  get(sysId: string): Change {
    return toChange(this.row(sysId))
  }

  /** The requests that write. */
  get writes(): string[] {
    return this.log.filter(line => /^(create|update|task|upload) /.test(line))
  }

  get client(): ServiceNowClient {
    return {
      instance: 'https://acme.service-now.com',
      changes: this.changes(),
      attachments: this.attachments() as unknown as ServiceNowClient['attachments'],
      stats: { requests: 0, requestErrors: 0 },
      reference: async (kind, text) => this.resolve(kind, text),
      choice: async (field, text) => this.choose(field, text),
      approvals: async () => this.request('approvals', '', () => this.approverRows),
      exists: async (_, sysId) => {
        const known = Object.values(this.lookups).filter(one => typeof one === 'object')
        return this.request('exists', sysId, () => known.some(one => one.value === sysId))
      },
      probe: async () => ({ rows: [], hidden: false }),
      ownRoles: async () => undefined,
      now: () => this.now + this.skew,
      changeUrl: sysId => `https://acme.service-now.com/${sysId}`,
      close: async () => undefined
    }
  }

  private changes(): ChangeApi {
    return {
      capabilities: CAPABILITIES[this.dialect],
      get: async (sysId, options = {}) => {
        this.retries.push(options.maxRetries)
        return this.request('get', sysId, () => this.get(sysId))
      },
      find: async (query: Query) =>
        this.request('find', query.toString(), () =>
          this.rows.filter(row => query.accepts(row)).map(toChange)
        ),
      findNewest: async (query: Query) =>
        this.request('find', query.toString(), () =>
          this.rows.filter(row => query.accepts(row)).map(toChange)
        ),
      create: async (draft, check) =>
        this.write('create', `${kindOf(draft)} ${shown(draft.fields)}`, () => this.create(draft), check),
      update: async (sysId, fields, options) => this.update(sysId, fields, options),
      nextStates: async () => this.request('nextstates', '', () => this.nextStates),
      openTasks: async sysId =>
        this.request('tasks', '', () =>
          this.tasks.filter(one => one.changeSysId === sysId && one.task.state !== '3').map(one => one.task)
        ),
      updateTask: async (_, taskSysId, fields) => {
        this.request('task', `${taskSysId} ${shown(fields)}`, () => this.updateTask(taskSysId, fields))
      },
      evaluateRisk: async sysId =>
        this.request('evaluate-risk', this.get(sysId).number, () => {
          this.set(this.row(sysId), { risk: ['3', 'Moderate'] })
          return this.get(sysId)
        }),
      startConflictCheck: async sysId =>
        this.request('start-conflict-check', this.get(sysId).number, () => undefined),
      conflicts: async sysId =>
        this.request('conflicts', this.get(sysId).number, () => {
          const [report = { lastRun: '', done: false, conflicts: [] }, ...rest] = this.conflictReports
          if (rest.length > 0) this.conflictReports = rest
          return report
        }),
      template: async name => {
        const found = this.templates[name]
        if (found === undefined) throw unknown('standard change template', name)
        return this.request('template', name, () => found)
      }
    }
  }

  private async update(
    sysId: string,
    fields: Readonly<Record<string, Scalar>>,
    options: WriteOptions
  ): Promise<Change> {
    const row = this.row(sysId)
    const how = options.byDisplayValue ? ' (by name)' : ''
    const check = async () => {
      const { done } = options
      this.log.push(`check ${toChange(row).number}`)
      return done?.(toChange(row)) ? toChange(row) : undefined
    }
    const act = () => {
      this.apply(row, { ...fields }, options.byDisplayValue === true)
      return toChange(row)
    }
    return this.write('update', `${toChange(row).number} ${shown(fields)}${how}`, act, check, row)
  }

  private create(draft: Draft): Change {
    const { template } = draft
    const change = this.add({ type: template === undefined ? (draft.type ?? 'normal') : 'standard' })
    const row = this.row(change.sysId)
    const owned = Object.values(this.templates).find(one => one.sysId === template?.sysId)?.fields
    const taken = Object.entries(draft.fields).filter(([name]) => owned === undefined || owned.includes(name))
    if (template !== undefined) this.set(row, { std_change_producer_version: template.version })
    this.apply(row, Object.fromEntries(taken), this.dialect === 'change-management')
    return toChange(row)
  }

  private apply(row: Row, sent: Record<string, Scalar>, byName: boolean): void {
    const fields = this.rule(sent, row) ?? sent
    for (const [name, value] of Object.entries(fields)) {
      const text = String(value)
      const before = row[name]?.display ?? ''
      if (JOURNALS.includes(name))
        this.set(row, { [name]: ['', `2026-11-21 12:00:00 - gha\n${text}\n\n${before}`] })
      else if (REFERENCES.includes(name)) this.set(row, { [name]: this.refer(text, byName) })
      else this.set(row, { [name]: text })
    }
    if (fields.approval !== undefined) return
    if (fields.state === '-4' || fields.state === '-3') this.set(row, { approval: 'requested' })
    if (fields.state === '-2') this.set(row, { approval: 'approved' })
  }

  /** A sys_id or, where the dialect resolves them, a name; anything else stays as raw text that shows nothing. */
  private refer(text: string, byName: boolean): Cell {
    for (const [name, known] of Object.entries(this.lookups)) {
      if (typeof known !== 'object') continue
      const named = byName && name.endsWith(`:${text}`)
      if (known.value === text || known.display === text || named) return [known.value, known.display]
    }
    const change = this.rows.find(row => row.sys_id?.value === text)
    return change === undefined ? [text, ''] : [text, change.number?.value ?? '']
  }

  private resolve(kind: string, text: string) {
    this.log.push(`reference ${kind} ${text}`)
    const known = this.lookups[`${kind}:${text}`] ?? (/^[0-9a-f]{32}$/.test(text) ? 'hidden' : 'none')
    if (typeof known === 'object') return { ...known, verified: true }
    if (known === 'hidden') return { value: text, display: text, verified: false }
    const label = LOOKUP_KINDS[kind] ?? 'user'
    throw known === 'none' ? unknown(label, text) : ambiguous(label, text)
  }

  private choose(field: string, text: string) {
    const known = this.choices[`${field}:${text}`] ?? (/^\d+$/.test(text) ? text : undefined)
    if (known === 'hidden') return { value: text, verified: false }
    if (known === undefined) throw unknown('choice', text)
    return { value: known, verified: true }
  }

  private updateTask(sysId: string, fields: Readonly<Record<string, Scalar>>): void {
    for (const one of this.tasks) {
      if (one.task.sysId === sysId) one.task = { ...one.task, state: String(fields.state ?? one.task.state) }
    }
  }

  private attachments() {
    return {
      list: async (sysId: string) =>
        this.request('attachments', '', () =>
          this.files.filter(one => one.changeSysId === sysId).map(one => one.attachment)
        ),
      upload: async (sysId: string, upload: Upload) => {
        const sha256 = await upload.sha256()
        const attachment = {
          sysId: `file-${this.files.length + 1}`,
          name: upload.name,
          size: upload.body.size,
          sha256
        }
        const act = () => {
          this.files.push({ changeSysId: sysId, attachment })
          return attachment
        }
        return this.write('upload', `${this.get(sysId).number} ${upload.name}`, act, async () => attachment)
      }
    }
  }

  private request<T>(verb: string, what: string, act: () => T): T {
    this.log.push(`${verb} ${what}`.trim())
    const fault = this.nextFault(verb)
    if (fault !== undefined && fault !== 'lost') throw fault
    const result = act()
    this.after(verb, undefined)
    return result
  }

  /** As the client writes: it checks whether the write happened before a failure is believed. */
  private async write<T>(
    verb: string,
    what: string,
    act: () => T,
    check: () => Promise<T | undefined>,
    row?: Row
  ): Promise<T> {
    this.log.push(`${verb} ${what}`)
    const fault = this.nextFault(verb)
    if (fault instanceof Problem) throw fault
    const result = act()
    this.after(verb, row)
    if (fault === undefined) return result
    const found = await check()
    if (found === undefined) throw clientProblem('request-timeout', { operation: verb, status: 'timeout' })
    return found
  }

  private nextFault(verb: string): Fault | undefined {
    const at = this.faults.findIndex(one => one.verb === verb)
    return at < 0 ? undefined : this.faults.splice(at, 1)[0]?.fault
  }

  private row(sysId: string): Row {
    const row = this.rows.find(one => one.sys_id?.value === sysId)
    if (row === undefined)
      throw clientProblem('not-found', { operation: `reading the change ${sysId}`, status: 404 })
    return row
  }
}

const LOOKUP_KINDS: Readonly<Record<string, LookupKind>> = {
  group: 'assignment group',
  user: 'user',
  ci: 'configuration item',
  model: 'change model'
}

function unknown(kind: LookupKind, name: string): ClientProblem {
  return clientProblem('lookup-none', {
    operation: `looking up the ${kind} "${name}"`,
    kind,
    name,
    candidates: []
  })
}

function ambiguous(kind: LookupKind, name: string): ClientProblem {
  const facts = { operation: `looking up the ${kind} "${name}"`, kind, name, candidates: ['a', 'b'] }
  return clientProblem('lookup-many', facts)
}
