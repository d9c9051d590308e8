/** The input and output tables of README files, made from action.yml, which is what a user's workflow meets. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fieldsOf } from '@change-actions/github-actions'
import { connectionInputs } from '@change-actions/github-actions/input-sets'
import { SET_AUTOMATICALLY } from '@change-actions/github-actions/manifest'
import { parse } from 'yaml'

export const ROOT = join(import.meta.dirname, '..')

/** `gate` is the root action. */
export const ACTIONS = [
  'gate',
  'create-change',
  'wait-approval',
  'update-change',
  'attach-evidence',
  'check-connection',
  'audit-deployments',
  'resume-deployments',
  'run-flow',
  'send-event',
  'preview-change',
  'sandbox'
] as const

export type ActionName = (typeof ACTIONS)[number]

/** An input as action.yml declares it. */
export interface ActionInput {
  readonly description: string
  readonly required: boolean
  readonly default: string
}

/** What is read of an action.yml. */
export interface ActionManifest {
  readonly name: string
  readonly description: string
  readonly inputs: Readonly<Record<string, ActionInput>>
  readonly outputs: Readonly<Record<string, { readonly description: string }>>
  readonly runs: { readonly using: string; readonly main: string; readonly post?: string }
}

/** Whether an input is set from a context, and is not for users. */
export function isHidden({ default: value, description }: ActionInput): boolean {
  return value.startsWith('${{') && description.startsWith(SET_AUTOMATICALLY.replace('.', ''))
}

/** Whether a name is the second, ServiceNow's, spelling of an input. */
export function isAlias(name: string): boolean {
  return name.includes('_')
}

/** Names of the inputs that every action has: where the instance is and how to sign in. */
export const CONNECTION: readonly string[] = fieldsOf(connectionInputs).map(({ name }) => name)

/** The folder of an action's action.yml, from the root of the repository: the root action's is `.`. */
export function manifestFolder(action: ActionName): string {
  return action === 'gate' ? '.' : `actions/${action}`
}

/** The action.yml of an action. @throws Error when there is none, or it is no YAML */
export function readManifest(action: ActionName): ActionManifest {
  return parse(readFileSync(join(ROOT, manifestFolder(action), 'action.yml'), 'utf8')) as ActionManifest
}

/** `60` of `Default: 60.` at the end of a description. */
export function statedDefault(description: string): string | undefined {
  return /(?:^|\. )Default: (.+?)\.?$/.exec(description)?.[1]
}

/** A Markdown table of inputs: those for users, each under its one name. */
export function inputTable(inputs: ActionManifest['inputs']): string {
  const rows = Object.entries(inputs)
    .filter(([name, input]) => !isHidden(input) && !isAlias(name))
    .map(([name, { description }]) => {
      const value = statedDefault(description) ?? ''
      const text =
        value === '' ? description : description.slice(0, description.lastIndexOf('Default: ')).trim()
      return `| \`${name}\` | ${cell(text)} | ${cell(value)} |`
    })
  return ['| input | meaning | default |', '| --- | --- | --- |', ...rows].join('\n')
}

/** A Markdown table of outputs. */
export function outputTable(outputs: ActionManifest['outputs']): string {
  const rows = Object.entries(outputs).map(
    ([name, { description }]) => `| \`${name}\` | ${cell(description)} |`
  )
  return ['| output | meaning |', '| --- | --- |', ...rows].join('\n')
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;')
}

/** An action's own inputs, without those that every action has. */
export function ownInputs(manifest: ActionManifest): ActionManifest['inputs'] {
  return Object.fromEntries(Object.entries(manifest.inputs).filter(([name]) => !CONNECTION.includes(name)))
}

/** The inputs of an action that every action has. */
export function sharedInputs(manifest: ActionManifest): ActionManifest['inputs'] {
  return Object.fromEntries(Object.entries(manifest.inputs).filter(([name]) => CONNECTION.includes(name)))
}
