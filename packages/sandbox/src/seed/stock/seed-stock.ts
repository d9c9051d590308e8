import { findActor } from '../../engine/actor.ts'
import { utc } from '../../engine/dates.ts'
import type { Engine } from '../../engine/engine.ts'
import { insertRecord, insertWithoutRules, updateWithoutRules } from '../../engine/records.ts'
import { groupIdOf, roleIdOf, seedId } from '../ids.ts'
import { DEPARTMENTS, PEOPLE, STOCK_GROUPS } from './people.ts'
import { INCIDENTS, PROBLEMS, type TicketSeed } from './tickets.ts'

const DAY_MS = 86_400_000

function personId(userName: string | undefined): string {
  if (userName === undefined) return ''
  return PEOPLE.find(one => one.userName === userName)?.sysId ?? seedId('sys_user', userName)
}

function departmentId(name: string): string {
  return DEPARTMENTS.find(one => one.name === name)?.sysId ?? seedId('cmn_department', name)
}

function seedDepartments(engine: Engine): void {
  for (const { name, head } of DEPARTMENTS) {
    insertWithoutRules(engine, 'cmn_department', {
      sys_id: departmentId(name),
      name,
      dept_head: personId(head)
    })
  }
}

/** The groups of the demo data. Those of accounts are members by name, so groups come first. */
export function seedStockGroups(engine: Engine): void {
  for (const { name, manager, roles = [] } of STOCK_GROUPS) {
    const sys_id = seedId('sys_user_group', name)
    insertWithoutRules(engine, 'sys_user_group', { sys_id, name, manager: personId(manager), active: 'true' })
    for (const role of roles) {
      insertWithoutRules(engine, 'sys_group_has_role', {
        group: sys_id,
        role: roleIdOf(engine, role),
        inherits: 'true'
      })
    }
  }
}

function seedPeople(engine: Engine): void {
  for (const { userName, name, department, title = '', mobile = '', roles = [], groups = [] } of PEOPLE) {
    const [first = '', ...last] = name.split(' ')
    const user = personId(userName)
    insertWithoutRules(engine, 'sys_user', {
      sys_id: user,
      user_name: userName,
      name,
      first_name: first,
      last_name: last.join(' '),
      email: `${userName}@example.com`,
      title,
      mobile_phone: mobile,
      department: departmentId(department),
      active: 'true',
      locked_out: 'false',
      vip: 'false',
      web_service_access_only: 'false'
    })
    for (const role of roles)
      insertWithoutRules(engine, 'sys_user_has_role', { user, role: roleIdOf(engine, role) })
    for (const group of groups)
      insertWithoutRules(engine, 'sys_user_grmember', { user, group: groupIdOf(engine, group) })
  }
}

function seedTickets(engine: Engine, table: string, tickets: readonly TicketSeed[]): void {
  const admin = findActor(engine.store, 'admin')
  if (!admin) throw new Error('The accounts are seeded before the tickets.')
  for (const { number, age, caller, assignee, group, values } of tickets) {
    insertRecord(engine, admin, table, {
      sys_id: seedId(table, number),
      number,
      opened_at: utc(engine.settings.now() - age * DAY_MS),
      caller_id: personId(caller),
      assigned_to: personId(assignee),
      assignment_group: group === undefined ? '' : groupIdOf(engine, group),
      ...values
    })
  }
}

function seedProblemTasks(engine: Engine): void {
  const [first, second] = PROBLEMS
  for (const [index, problem] of [first, second].entries()) {
    insertWithoutRules(engine, 'problem_task', {
      sys_id: seedId('problem_task', String(index)),
      number: `PTASK000000${index + 1}`,
      problem: seedId('problem', problem?.number ?? ''),
      parent: seedId('problem', problem?.number ?? ''),
      short_description: 'Find the cause',
      problem_task_type: 'rca'
    })
  }
}

/** What a new instance holds beside accounts, groups, configuration items, templates, models and choices. */
export function seedStock(engine: Engine): void {
  seedDepartments(engine)
  seedPeople(engine)
  updateWithoutRules(engine, 'sys_user', seedId('sys_user', 'admin'), {
    department: departmentId('Finance')
  })
  seedTickets(engine, 'incident', INCIDENTS)
  seedTickets(engine, 'problem', PROBLEMS)
  seedProblemTasks(engine)
}
