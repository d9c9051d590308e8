/**
 * Every action.yml, made of an action's input schema (src/inputs.ts) and the texts beside it (manifest.ts). Run by
 * itself it writes them: `node scripts/action-manifests.ts`.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Field, fieldsOf } from '@change-actions/github-actions'
import type { DescribedAction } from '@change-actions/github-actions/manifest'
import { action as attachEvidence } from '../actions/attach-evidence/manifest.ts'
import { action as auditDeployments } from '../actions/audit-deployments/manifest.ts'
import { action as checkConnection } from '../actions/check-connection/manifest.ts'
import { action as createChange } from '../actions/create-change/manifest.ts'
import { action as gate } from '../actions/gate/manifest.ts'
import { action as previewChange } from '../actions/preview-change/manifest.ts'
import { action as resumeDeployments } from '../actions/resume-deployments/manifest.ts'
import { action as runFlow } from '../actions/run-flow/manifest.ts'
import { action as sandbox } from '../actions/sandbox/manifest.ts'
import { action as sendEvent } from '../actions/send-event/manifest.ts'
import { action as updateChange } from '../actions/update-change/manifest.ts'
import { action as waitApproval } from '../actions/wait-approval/manifest.ts'
import { ACTIONS, type ActionInput, type ActionName, manifestFolder, ROOT } from './action-docs.ts'

/** Every action: its schema, and its texts for users. */
export const DESCRIBED: Readonly<Record<ActionName, DescribedAction>> = {
  gate,
  'create-change': createChange,
  'wait-approval': waitApproval,
  'update-change': updateChange,
  'attach-evidence': attachEvidence,
  'check-connection': checkConnection,
  'audit-deployments': auditDeployments,
  'resume-deployments': resumeDeployments,
  'run-flow': runFlow,
  'send-event': sendEvent,
  'preview-change': previewChange,
  sandbox
}

/** Inputs as action.yml declares them: those for users, then their second spellings, then those set from a context. */
export function declaredInputs({ shape, manifest }: DescribedAction): Readonly<Record<string, ActionInput>> {
  const { inputs: texts } = manifest
  const order = Object.keys(texts)
  const fields = [...fieldsOf(shape)].sort((a, b) => order.indexOf(a.key) - order.indexOf(b.key))
  const forUsers = fields.filter(({ meta }) => meta.context === undefined)
  const fromContext = fields.filter(({ meta }) => meta.context !== undefined)
  return Object.fromEntries([
    ...forUsers.map(field => [field.name, declared(describe(field, texts[field.key]))]),
    ...forUsers.flatMap(({ name, alias }) =>
      alias === undefined ? [] : [[alias, declared(`Same as ${name}.`)]]
    ),
    ...fromContext.map(({ key, name, meta }) => [name, declared(texts[key] ?? '', meta.context)])
  ])
}

/**
 * The runner sets the variable of every declared input, so that a variable of that name in the job can never become
 * one. A default that stands here is filled in and hides what lies under the input; it is stated in words instead.
 */
function declared(description: string, value = ''): ActionInput {
  return { description, required: false, default: value }
}

/** Defaults are quoted in backticks for a README; in action.yml they stand as they are. */
function describe({ meta }: Field, text = ''): string {
  const { env, defaultText } = meta
  return [
    text,
    ...(env === undefined ? [] : [`Falls back to ${env}.`]),
    ...(defaultText === undefined ? [] : [`Default: ${defaultText.replaceAll('`', '')}.`])
  ].join(' ')
}

/** The text of an action's action.yml. */
export function manifestText(action: ActionName): string {
  const described = DESCRIBED[action]
  const { name, description, author, branding, runs, outputs } = described.manifest
  const inputs = Object.entries(declaredInputs(described)).map(([input, { description, default: value }]) =>
    [
      `  ${input}:`,
      `    description: ${quoted(description)}`,
      '    required: false',
      `    default: ${value === '' ? "''" : value}`
    ].join('\n')
  )
  return [
    `# Made of actions/${action}/manifest.ts and src/inputs.ts by "npm run docs".`,
    `name: ${quoted(name)}`,
    `description: ${quoted(description)}`,
    `author: ${author}`,
    ...(branding === undefined ? [] : ['', 'branding:', ...lines(branding)]),
    '',
    'inputs:',
    ...inputs,
    '',
    'outputs:',
    ...Object.entries(outputs).map(([output, text]) => `  ${output}:\n    description: ${quoted(text)}`),
    '',
    'runs:',
    ...lines(runs),
    ''
  ].join('\n')
}

/** A JSON string is a YAML string in double quotes. */
function quoted(text: string): string {
  return JSON.stringify(text)
}

function lines(map: Readonly<Record<string, string | undefined>>): string[] {
  return Object.entries(map).map(([key, value]) => `  ${key}: ${value}`)
}

/** Writes every action.yml. */
export function writeManifests(): void {
  for (const action of ACTIONS)
    writeFileSync(join(ROOT, manifestFolder(action), 'action.yml'), manifestText(action))
}

if (import.meta.main) writeManifests()
