import { BusinessRule, CrossScopePrivilege, Record, ScriptAction, ScriptInclude } from '@servicenow/sdk/core'

ScriptInclude({
  $id: Now.ID['include-resume-poke'],
  name: 'ResumePoke',
  active: true,
  accessibleFrom: 'package_private',
  script: Now.include('../scripts/resume-poke.js')
})

// Async: an application may have no other rule on a table of another scope, and nobody waits for GitHub.
BusinessRule({
  $id: Now.ID['rule-poke'],
  name: 'Poke GitHub when a change is decided',
  table: 'change_request',
  when: 'async',
  action: ['update'],
  order: 100,
  active: true,
  filterCondition: 'correlation_displaySTARTSWITHgha^approvalVALCHANGES^ORstateVALCHANGES',
  script: Now.include('../scripts/poke-on-decision.js')
})

export const pokeEvent = Record({
  $id: Now.ID['event-poke'],
  table: 'sysevent_register',
  data: {
    event_name: 'x_chgact.poke',
    suffix: 'poke',
    table: 'change_request',
    description: 'A poke that GitHub did not take is sent again.',
    fired_by: 'Script include ResumePoke',
    priority: 100
  }
})

export const notifyEvent = Record({
  $id: Now.ID['event-notify'],
  table: 'sysevent_register',
  data: {
    event_name: 'x_chgact.notify',
    suffix: 'notify',
    table: 'sys_user_group',
    description: 'For a notification of your own: parm1 is the sys_id of the person, parm2 the text.',
    fired_by: 'Subflow template notify_on_call_manager',
    priority: 100
  }
})

ScriptAction({
  $id: Now.ID['action-poke-again'],
  name: 'Poke GitHub again',
  eventName: 'x_chgact.poke',
  active: true,
  script: Now.include('../scripts/poke-again.js')
})

// All that it needs of a change is to read it.
CrossScopePrivilege({
  $id: Now.ID['privilege-read-change'],
  status: 'allowed',
  operation: 'read',
  targetName: 'change_request',
  targetScope: 'global',
  targetType: 'sys_db_object'
})
