import { Acl, IntegerColumn, Record, StringColumn, Table } from '@servicenow/sdk/core'
import { admin } from './roles.now'

/** One row for each taking of a delivery. The unique key decides which of two requests at the same time takes it. */
export const x_chgact_delivery = Table({
  name: 'x_chgact_delivery',
  label: 'Pipeline delivery',
  display: 'delivery',
  accessibleFrom: 'package_private',
  actions: ['read'],
  allowWebServiceAccess: false,
  schema: {
    taking_key: StringColumn({ label: 'Taking key', maxLength: 120, mandatory: true, unique: true }),
    delivery: StringColumn({ label: 'Delivery', maxLength: 100, mandatory: true }),
    taking: IntegerColumn({ label: 'Taking' }),
    kind: StringColumn({ label: 'Kind', maxLength: 10 }),
    name: StringColumn({ label: 'Flow or event', maxLength: 130 }),
    repository: StringColumn({ label: 'Repository', maxLength: 200 }),
    run_id: StringColumn({ label: 'Run', maxLength: 100 }),
    run_attempt: StringColumn({ label: 'Attempt', maxLength: 100 }),
    environment: StringColumn({ label: 'Environment', maxLength: 255 }),
    sent_at: StringColumn({ label: 'Sent at (epoch milliseconds)', maxLength: 20 }),
    execution: StringColumn({ label: 'Flow execution', maxLength: 32 }),
    state: StringColumn({ label: 'State', maxLength: 20 }),
    error: StringColumn({ label: 'Error', maxLength: 1000 }),
    change_sys_id: StringColumn({ label: 'Change (sys_id)', maxLength: 32 }),
    change_number: StringColumn({ label: 'Change', maxLength: 40 })
  },
  index: [{ name: 'delivery', unique: false, element: 'delivery' }]
})

// Read by administrators of the application alone; written by nobody but the scripts.
Acl({
  $id: Now.ID['acl-delivery-read'],
  type: 'record',
  table: 'x_chgact_delivery',
  operation: 'read',
  roles: [admin]
})

// Longer than a run can be re-run (30 days): a repeat finds what it did.
Record({
  $id: Now.ID['delivery-log-retention'],
  table: 'sys_auto_flush',
  data: {
    tablename: 'x_chgact_delivery',
    matchfield: 'sys_created_on',
    age: 7776000,
    active: true,
    cascade_delete: false
  }
})
