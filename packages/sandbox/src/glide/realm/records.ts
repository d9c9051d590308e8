import type { ElementClass, ElementOwner, GlideElementLike } from './elements.ts'
import type { QueryConditionLike, QueryTerms } from './terms.ts'
import type { FieldFact, Host, RecordFact, Records, RowValues, Scope } from './types.ts'

/** The other functions of this folder that records need. */
export interface RecordParts {
  queryTerms(): QueryTerms
  elementClass(
    host: Host,
    fieldsOf: (table: string) => FieldFact[],
    open: (table: string) => ElementOwner
  ): ElementClass
}

/** Defines `GlideRecord` and `GlideRecordSecure`. */
export function installRecords(scope: Scope, host: Host, parts: RecordParts): Records {
  const dictionary: Record<string, FieldFact[] | null> = {}
  const fieldsOf = (table: string): FieldFact[] => {
    if (!(table in dictionary)) dictionary[table] = host('fields', { table }) as FieldFact[] | null
    return dictionary[table] ?? []
  }
  const textOf = (value: unknown) => (value === null || value === undefined ? '' : String(value))
  const copied = (...parts: (RowValues | undefined)[]) => {
    const copy: RowValues = {}
    for (const part of parts) for (const name of Object.keys(part ?? {})) copy[name] = textOf(part?.[name])
    return copy
  }

  const { QueryCondition, term } = parts.queryTerms()
  const GlideElement = parts.elementClass(host, fieldsOf, table => new GlideRecord(table))

  /** With the access rules of the user. */
  const SECURE = {}

  class GlideRecord {
    readonly #table: string
    readonly #secure: boolean
    #terms: string[] = []
    #limit = 0
    #rows: RowValues[] = []
    #at = -1
    #values: RowValues = {}
    #stored: RowValues | undefined
    #workflow = true
    #aborted = false
    #operation = ''
    #error = ''

    constructor(table: string, access?: unknown) {
      this.#table = textOf(table)
      this.#secure = access === SECURE
      for (const field of fieldsOf(this.#table)) {
        if (field.name in this) continue
        Object.defineProperty(this, field.name, {
          enumerable: true,
          get: () => this.getElement(field.name),
          set: value => this.setValue(field.name, value)
        })
      }
    }
    addQuery(field: string, operator?: unknown, ...value: unknown[]): QueryConditionLike {
      this.#terms.push(operator === undefined ? field : term(field, operator, value))
      return new QueryCondition(this.#terms)
    }
    addEncodedQuery(query: string): void {
      if (textOf(query) !== '') this.#terms.push(textOf(query))
    }
    addNullQuery(field: string): QueryConditionLike {
      this.#terms.push(`${field}ISEMPTY`)
      return new QueryCondition(this.#terms)
    }
    addNotNullQuery(field: string): QueryConditionLike {
      this.#terms.push(`${field}ISNOTEMPTY`)
      return new QueryCondition(this.#terms)
    }
    addActiveQuery(): QueryConditionLike {
      return this.addQuery('active', true)
    }
    orderBy(field: string): void {
      this.#terms.push(`ORDERBY${field}`)
    }
    orderByDesc(field: string): void {
      this.#terms.push(`ORDERBYDESC${field}`)
    }
    setLimit(limit: number): void {
      this.#limit = Number(limit)
    }
    getEncodedQuery(): string {
      return this.#terms.join('^')
    }
    query(field?: string, value?: unknown): void {
      if (field !== undefined) this.addQuery(field, value)
      const query = this.getEncodedQuery()
      this.#rows = host('query', {
        table: this.#table,
        query,
        limit: this.#limit,
        secure: this.#secure
      }) as RowValues[]
      this.#at = -1
    }
    _query(field?: string, value?: unknown): void {
      this.query(field, value)
    }
    getRowCount(): number {
      return this.#rows.length
    }
    hasNext(): boolean {
      return this.#at + 1 < this.#rows.length
    }
    next(): boolean {
      const row = this.#rows[this.#at + 1]
      if (!row) return false
      this.#at += 1
      this.load(row)
      return true
    }
    _next(): boolean {
      return this.next()
    }
    get(field: unknown, ...value: unknown[]): boolean {
      const name = value.length === 0 ? 'sys_id' : textOf(field)
      const wanted = value.length === 0 ? field : value[0]
      this.#terms = [term(name, wanted, [])]
      this.#limit = 1
      if (textOf(wanted) === '') return false
      this.query()
      return this.next()
    }
    /** Holds a stored row. */
    load(row: RowValues): void {
      this.#stored = row
      this.#values = copied(row)
    }
    /** Holds a record of a rule. */
    assume(fact: RecordFact): void {
      this.#stored = fact.before
      this.#values = copied(fact.values, fact.notes)
      this.#operation = fact.operation ?? ''
    }

    getElement(name: string): GlideElementLike | null {
      const [first = '', ...rest] = textOf(name).split('.')
      const field = fieldsOf(this.#table).filter(one => one.name === first)[0]
      if (!field) return null
      const element = new GlideElement(this, field)
      return rest.length === 0 ? element : element.getRefRecord().getElement(rest.join('.'))
    }
    valueOf(name?: string): string {
      return name === undefined ? this.getUniqueValue() : (this.#values[name] ?? '')
    }
    storedValue(name: string): string {
      return this.#stored?.[name] ?? ''
    }
    isChanged(name: string): boolean {
      return this.valueOf(name) !== this.storedValue(name)
    }
    /** `null` for an empty field. */
    getValue(name: string): string | null {
      const element = this.getElement(name)
      return element?.toString() || null
    }
    setValue(name: string, value: unknown): void {
      this.#values[name] = textOf(value)
    }
    setDisplayValue(name: string, value: unknown): void {
      this.getElement(name)?.setDisplayValue(value)
    }
    getDisplayValue(name?: string): string {
      return String(host('display', { table: this.#table, field: name ?? null, row: this.#values }))
    }
    getUniqueValue(): string {
      return this.#values.sys_id ?? ''
    }
    setNewGuidValue(id: string): void {
      this.setValue('sys_id', id)
    }
    getTableName(): string {
      return this.#table
    }
    getRecordClassName(): string {
      return this.#values.sys_class_name || this.#table
    }
    getLink(): string {
      return `${this.#table}.do?sys_id=${this.getUniqueValue()}`
    }
    isValid(): boolean {
      return fieldsOf(this.#table).length > 0
    }
    isValidField(name: string): boolean {
      return fieldsOf(this.#table).some(field => field.name === name)
    }
    isValidRecord(): boolean {
      return this.#stored !== undefined
    }
    isNewRecord(): boolean {
      return this.#stored === undefined
    }
    initialize(): void {
      this.#stored = undefined
      this.#values = {}
    }
    newRecord(): void {
      this.initialize()
      this.setNewGuidValue(String(host('guid')))
    }
    operation(): string {
      return this.#operation
    }
    setWorkflow(runRules: boolean): void {
      this.#workflow = runRules !== false
    }
    setAbortAction(abort: boolean): void {
      this.#aborted = abort === true
    }
    isActionAborted(): boolean {
      return this.#aborted
    }
    getLastErrorMessage(): string {
      return this.#error
    }
    canRead(): boolean {
      return this.#may('read')
    }
    canCreate(): boolean {
      return this.#may('create')
    }
    canWrite(): boolean {
      return this.#may('write')
    }
    canDelete(): boolean {
      return this.#may('delete')
    }
    #may(access: string): boolean {
      return host('may', { table: this.#table, id: this.getUniqueValue(), access }) === true
    }

    toJSON(): RowValues {
      return this.#values
    }
    allValues(): RowValues {
      return this.#values
    }
    changedValues(): RowValues {
      const changed: RowValues = {}
      for (const name of Object.keys(this.#values)) {
        if (this.isChanged(name)) changed[name] = this.#values[name] as string
      }
      return changed
    }
    #write(operation: string): string | null {
      const { row = null, error = '' } = host(operation, {
        table: this.#table,
        id: this.getUniqueValue(),
        values: this.changedValues(),
        rules: this.#workflow,
        secure: this.#secure
      }) as { row?: RowValues | null; error?: string }
      this.#error = error
      if (!row) return null
      this.load(row)
      return this.getUniqueValue()
    }
    insert(): string | null {
      return this.#write('insert')
    }
    update(): string | null {
      return this.#stored ? this.#write('update') : this.insert()
    }
    updateMultiple(): void {
      const changed = this.changedValues()
      this.query()
      while (this.next()) {
        for (const name of Object.keys(changed)) this.setValue(name, changed[name])
        this.update()
      }
    }
    deleteRecord(): boolean {
      return this.#write('delete') !== null
    }
    deleteMultiple(): void {
      this.query()
      while (this.next()) this.deleteRecord()
    }
  }

  class GlideRecordSecure extends GlideRecord {
    constructor(table: string) {
      super(table, SECURE)
    }
  }

  scope.GlideRecord = GlideRecord
  scope.GlideRecordSecure = GlideRecordSecure
  return {
    create: fact => {
      const record = new GlideRecord(fact.table)
      record.assume(fact)
      return record
    },
    isRecord: (value): value is GlideRecord => value instanceof GlideRecord
  }
}
