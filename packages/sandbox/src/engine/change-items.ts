import type { Actor } from './actor.ts'
import type { Engine } from './engine.ts'
import { deleteRecord, insertWithoutRules } from './records.ts'
import type { Row } from './store.ts'

/** Where the configuration items of a change are kept, by type of association. */
export const ASSOCIATIONS = {
  affected: { table: 'task_ci', field: 'ci_item' },
  impacted: { table: 'task_cmdb_ci_service', field: 'cmdb_ci_service' },
  offering: { table: 'task_service_offering', field: 'service_offering' }
} as const

export type AssociationType = keyof typeof ASSOCIATIONS

export function isAssociationType(text: string): text is AssociationType {
  return Object.hasOwn(ASSOCIATIONS, text)
}

function rowsOf(engine: Engine, type: AssociationType, changeId: string): Row[] {
  return engine.store.rows(ASSOCIATIONS[type].table).filter(row => row.task === changeId)
}

/** The sys_ids of the items of a change. */
export function itemsOf(engine: Engine, type: AssociationType, changeId: string): string[] {
  return rowsOf(engine, type, changeId).map(row => row[ASSOCIATIONS[type].field] ?? '')
}

/** Associates an item unless it is associated already. @returns whether it was added */
export function associate(
  engine: Engine,
  actor: Actor,
  item: {
    readonly type: AssociationType
    readonly change: string
    readonly ci: string
    readonly byHand: boolean
  }
): boolean {
  const { type, change, ci, byHand } = item
  if (itemsOf(engine, type, change).includes(ci)) return false
  const { table, field } = ASSOCIATIONS[type]
  const mark = type === 'affected' ? {} : { manually_added: String(byHand) }
  insertWithoutRules(engine, table, { task: change, [field]: ci, ...mark }, actor)
  return true
}

/** The configuration item of a change is one of its affected items; the one that it replaces no longer is. */
export function keepPrimaryItem(engine: Engine, actor: Actor, before: Row | undefined, after: Row): void {
  const [old = '', ci = ''] = [before?.cmdb_ci, after.cmdb_ci]
  if (old === ci) return
  const { table, field } = ASSOCIATIONS.affected
  for (const row of rowsOf(engine, 'affected', after.sys_id)) {
    if (old !== '' && row[field] === old) deleteRecord(engine, table, row.sys_id)
  }
  if (!engine.store.get('cmdb_ci', ci)) return
  associate(engine, actor, { type: 'affected', change: after.sys_id, ci, byHand: false })
}

function isService(engine: Engine, ci: string): boolean {
  return engine.store.get('cmdb_ci', ci)?.sys_class_name?.startsWith('cmdb_ci_service') ?? false
}

/** The items and everything that depends on them, by the relations of the CMDB. */
function withDependents(engine: Engine, cis: readonly string[]): Set<string> {
  const relations = engine.store.rows('cmdb_rel_ci')
  const known = new Set(cis)
  // A set that grows while it is iterated: parents of parents follow.
  for (const ci of known) {
    for (const relation of relations) if (relation.child === ci && relation.parent) known.add(relation.parent)
  }
  return known
}

/** Replaces the impacted services of a change by those that depend on the items. What was added by hand stays. */
export function refreshImpacted(
  engine: Engine,
  actor: Actor,
  changeId: string,
  cis: readonly string[]
): void {
  const { table } = ASSOCIATIONS.impacted
  for (const row of rowsOf(engine, 'impacted', changeId)) {
    if (row.manually_added !== 'true') deleteRecord(engine, table, row.sys_id)
  }
  for (const ci of withDependents(engine, cis)) {
    if (isService(engine, ci)) {
      associate(engine, actor, { type: 'impacted', change: changeId, ci, byHand: false })
    }
  }
}
