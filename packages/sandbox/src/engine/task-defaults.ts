import type { Actor } from './actor.ts'
import { utc } from './dates.ts'
import type { Engine } from './engine.ts'
import type { Values } from './store.ts'

/** What a new record of a table that extends `task` has on a stock instance. */
export function taskDefaults(engine: Engine, actor: Actor, table: string): Values {
  return {
    active: 'true',
    approval: 'not requested',
    priority: '4',
    impact: '3',
    urgency: '3',
    escalation: '0',
    reassignment_count: '0',
    upon_approval: 'proceed',
    upon_reject: 'cancel',
    made_sla: 'true',
    knowledge: 'false',
    sys_domain: 'global',
    sys_domain_path: '/',
    opened_by: actor.sysId,
    opened_at: utc(engine.settings.now()),
    sys_class_name: table
  }
}
