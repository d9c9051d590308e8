/** Which fields hold people, secrets and free text. From ServiceNow's dictionary: sys_user, task, sysapproval_approver. */

const PERSON = new Set([
  ...[
    'assigned_to',
    'opened_by',
    'closed_by',
    'requested_by',
    'caller_id',
    'caller',
    'approver',
    'user',
    'manager'
  ],
  ...[
    'resolved_by',
    'reopened_by',
    'approved_by',
    'sys_created_by',
    'sys_updated_by',
    'created_by',
    'updated_by'
  ],
  ...[
    'watch_list',
    'work_notes_list',
    'additional_assignee_list',
    'delegate',
    'supervisor',
    'owned_by',
    'managed_by'
  ],
  ...[
    'owner',
    'attested_by',
    'checked_out_by',
    'user_name',
    'first_name',
    'last_name',
    'middle_name',
    'email'
  ],
  ...[
    'phone',
    'mobile_phone',
    'home_phone',
    'employee_number',
    'source',
    'cab_delegate',
    'requester',
    'actual_approver'
  ]
])

/** A field that holds a person, also where it is reached through others (`approver.name`). */
export function isPersonField(name: string): boolean {
  return name.split('.').some(part => PERSON.has(part))
}

/** In rows of users the name is a person's. */
const OF_USERS = new Set(['name', 'sys_name', 'street', 'city', 'zip', 'title'])

export function isFieldOfUsers(name: string): boolean {
  return OF_USERS.has(name)
}

/** Whether a path is that of users, and not of groups, roles or preferences. */
export function isUserPath(path: string): boolean {
  return /\/table\/sys_user(?:[/?]|$)/.test(path)
}

export function isSecretField(name: string): boolean {
  return (
    /pass(?:word|phrase)|secret|token|assertion|api.?key|private.?key|credential|cookie|authorization/i.test(
      name
    ) && !/^token_type$/i.test(name)
  )
}

/** Texts that people write: single names are replaced in these alone, for elsewhere they are words of the instance. */
export function isFreeText(name: string): boolean {
  return /comments|notes|description|justification|_plan$|^(?:value|reason|text|cab_recommendation)$/.test(
    name
  )
}

/** Accounts that every instance has are no people. */
const BUILT_IN = new Set(
  [
    'admin',
    'system',
    'guest',
    'maint',
    'glide.maint',
    'system administrator',
    'soap.guest',
    'workflow'
  ].concat('')
)

export function isBuiltIn(name: string): boolean {
  return BUILT_IN.has(name.trim().toLowerCase())
}

export function isSysId(text: string): boolean {
  return /^[0-9a-f]{32}$/i.test(text)
}
