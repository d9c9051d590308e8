import type { PolicyInputs, ValueKind } from '@change-actions/change-control'
import { inputMeta, kebab } from '@change-actions/github-actions'
import { inputs } from './inputs.ts'

const SECRET = 'give it as an input from a secret, or in its SERVICENOW_… variable'
const WORKFLOW = 'it belongs to the workflow'

/** Inputs that must not stand in a policy file, and why. */
export const REFUSED: Readonly<Record<string, string>> = {
  'client-id': SECRET,
  'client-secret': SECRET,
  username: SECRET,
  password: SECRET,
  token: SECRET,
  'api-key': SECRET,
  'client-key': SECRET,
  'client-key-passphrase': SECRET,
  environment: WORKFLOW,
  'policy-file': WORKFLOW,
  version: WORKFLOW,
  'change-number': WORKFLOW,
  'change-sys-id': WORKFLOW,
  commit: WORKFLOW,
  'correlation-id': WORKFLOW,
  'correlation-scope': WORKFLOW,
  'dry-run': WORKFLOW
}

/** Inputs that take more than a single value. */
const KINDS: Readonly<Record<string, ValueKind>> = {
  fields: 'map',
  attachments: 'list',
  'proceed-states': 'values',
  'wait-states': 'values'
}

/** The inputs a policy file may set, in the order of the schema. */
export const POLICY_INPUTS: PolicyInputs = Object.fromEntries(
  Object.entries(inputs)
    .filter(([, schema]) => inputMeta(schema).hidden !== true)
    .map(([key]) => kebab(key))
    .filter(name => !Object.hasOwn(REFUSED, name))
    .map(name => [name, KINDS[name] ?? 'value'])
)

/** The schema of an input by its name. */
export function inputSchema(name: string) {
  return Object.entries(inputs).find(([key]) => kebab(key) === name)?.[1]
}
