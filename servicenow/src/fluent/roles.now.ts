import { Role } from '@servicenow/sdk/core'

// Neither role contains another one: no right to read, write or approve a change comes with them.
export const caller = Role({
  name: 'x_chgact.caller',
  canDelegate: false,
  description:
    'May send flows and events to the door, and ask what became of them. For the account of the pipeline.'
})

export const admin = Role({
  name: 'x_chgact.admin',
  canDelegate: false,
  description: 'May set the properties and read the delivery log.'
})
