/** The input and output tables of README files, made from action.yml, which is what a user's workflow meets. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

export const ROOT = join(import.meta.dirname, '..')

/** `gate` is the root action. */
export const ACTIONS = [
  'gate',
  'create-change',
  'wait-approval',
  'update-change',
  'attach-evidence',
  'check-connection'
] as const

export type ActionName = (typeof ACTIONS)[number]

export interface ActionInput {
  readonly description: string
  readonly required?: boolean
  readonly default?: string
}

export interface ActionManifest {
  readonly name: string
  readonly description: string
  readonly inputs: Readonly<Record<string, ActionInput>>
  readonly outputs: Readonly<Record<string, { readonly description: string }>>
  readonly runs: { readonly using: string; readonly main: string; readonly post?: string }
}

/** Inputs that bring in a context and are not for users. */
export function isHidden(input: ActionInput): boolean {
  return input.default !== undefined
}

/** The inputs every action shares: where the instance is and how to sign in. */
export const CONNECTION = [
  'instance',
  'client-id',
  'client-secret',
  'username',
  'password',
  'token',
  'api-key',
  'client-certificate',
  'client-key',
  'client-key-passphrase',
  'ca-certificate',
  'api',
  'request-timeout',
  'max-retries',
  'dry-run'
]

/** Where an action is declared: the root action at the root. */
export function manifestFolder(action: ActionName): string {
  return action === 'gate' ? '.' : `actions/${action}`
}

export function readManifest(action: ActionName): ActionManifest {
  return parse(readFileSync(join(ROOT, manifestFolder(action), 'action.yml'), 'utf8')) as ActionManifest
}

/** `Default: 60.` at the end of a description. */
export function statedDefault(description: string): string | undefined {
  return /(?:^|\. )Default: (.+?)\.?$/.exec(description)?.[1]
}

export function inputTable(inputs: ActionManifest['inputs']): string {
  const rows = Object.entries(inputs)
    .filter(([, input]) => !isHidden(input))
    .map(([name, { description }]) => {
      const value = statedDefault(description) ?? ''
      const text =
        value === '' ? description : description.slice(0, description.lastIndexOf('Default: ')).trim()
      return `| \`${name}\` | ${cell(text)} | ${cell(value)} |`
    })
  return ['| input | meaning | default |', '| --- | --- | --- |', ...rows].join('\n')
}

export function outputTable(outputs: ActionManifest['outputs']): string {
  const rows = Object.entries(outputs).map(
    ([name, { description }]) => `| \`${name}\` | ${cell(description)} |`
  )
  return ['| output | meaning |', '| --- | --- |', ...rows].join('\n')
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;')
}

/** An action's own inputs, without those every action shares. */
export function ownInputs(manifest: ActionManifest): ActionManifest['inputs'] {
  return Object.fromEntries(Object.entries(manifest.inputs).filter(([name]) => !CONNECTION.includes(name)))
}

export function connectionInputs(manifest: ActionManifest): ActionManifest['inputs'] {
  return Object.fromEntries(Object.entries(manifest.inputs).filter(([name]) => CONNECTION.includes(name)))
}
