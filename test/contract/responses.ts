/** Responses in the shapes that were recorded: typed objects with a `__meta` tail, strings with both forms. */
export const CHANGE = 'cc69c3bf9f1032106b4c1d8a0f0b6a11'
export const GROUP = 'd625dccec0a8016700a222a0f7900d06'
export const TASK = '1b3e5c7a9f1032106b4c1d8a0f0b6a22'
export const TEMPLATE = '92a2c4e69f1032106b4c1d8a0f0b6a33'
export const MODEL = '007c4001c343101035ae3f52c1d3aeb2'

type Cell = string | number | boolean | readonly [value: string | number | boolean, display: string]

/** A record of the Change Management API, `__meta` included; numbers and booleans are typed. */
export function typed(cells: Readonly<Record<string, Cell>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(cells).map(([name, cell]) => {
      const [value, display] = Array.isArray(cell) ? cell : [cell, String(cell)]
      return [name, { display_value: display, value }]
    })
  )
}

/** A record of the Table API with `sysparm_display_value=all`. */
export function linked(cells: Readonly<Record<string, Cell>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(cells).map(([name, cell]) => {
      const [value, display] = Array.isArray(cell) ? cell : [cell, String(cell)]
      return [name, { display_value: display, value: String(value) }]
    })
  )
}

const CELLS: Readonly<Record<string, Cell>> = {
  sys_id: CHANGE,
  number: 'CHG0030001',
  state: [-5, 'New'],
  type: ['normal', 'Normal'],
  approval: ['not requested', 'Not Yet Requested'],
  priority: [4, '4 - Low'],
  on_hold: false,
  order: '',
  start_date: '',
  assignment_group: [GROUP, 'DevOps Team'],
  correlation_id: 'gha-1',
  work_notes: ['', '']
}

export function typedChange(more: Readonly<Record<string, Cell>> = {}): Record<string, unknown> {
  return typed({ ...CELLS, ...more })
}

export function linkedChange(more: Readonly<Record<string, Cell>> = {}): Record<string, unknown> {
  return linked({ ...CELLS, ...more })
}

/** The response to a write: the record, and the fields that were ignored. */
export function written(record: Record<string, unknown>): { result: unknown } {
  return { result: { ...record, __meta: { ignoredFields: [] } } }
}

/** The response to a list; its last element is not a record. */
export function listed(records: readonly unknown[], ignored: readonly string[] = []): { result: unknown[] } {
  return { result: [...records, { __meta: { encodedQuery: 'x', fields: { applied: [], ignored } } }] }
}

export const NEXT_STATES = {
  result: {
    available_states: ['0', '4', '-1'],
    state_transitions: [
      [
        {
          sys_id: '7a0d',
          display_value: 'Implement to Review',
          from_state: '-1',
          to_state: '0',
          transition_available: false,
          automatic_transition: true,
          conditions: [
            {
              passed: false,
              condition: { name: 'No active Change Tasks', description: null, sys_id: '3c1d' }
            }
          ]
        },
        {
          sys_id: 'db40',
          display_value: 'Implement to Review',
          from_state: '-1',
          to_state: '0',
          transition_available: true,
          automatic_transition: false,
          conditions: [
            { passed: true, condition: { name: 'Not On hold', description: null, sys_id: '2132' } }
          ]
        }
      ],
      [
        {
          sys_id: '5327',
          display_value: 'Implement to Canceled',
          from_state: '-1',
          to_state: '4',
          transition_available: true,
          automatic_transition: false,
          conditions: []
        }
      ]
    ],
    state_label: { '0': 'Review', '4': 'Canceled', '-1': 'Implement' }
  }
}

export const UNAVAILABLE = [
  503,
  '<html><title>Maintenance</title></html>',
  { 'Content-Type': 'text/html' }
] as const
