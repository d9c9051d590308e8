import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import {
  InputError,
  inputMeta,
  inputVariable,
  kebab,
  Refusal,
  type Runtime,
  readInput,
  readYamlFile,
  type YamlFile
} from '@change-actions/action-kit'
import { type Control, controlOf, inputText, type Policy, parsePolicy } from '@change-actions/change-control'
import * as z from 'zod/mini'
import { CREDENTIALS, DEFAULT_POLICY_FILE, inputs, NOT_IN_POLICY } from './inputs.ts'

type Env = NodeJS.ProcessEnv

/** The names of the inputs a policy file may set. */
export const POLICY_INPUTS = Object.entries(inputs)
  .map(([key, schema]) => inputMeta(schema).name ?? kebab(key))
  .filter(name => !NOT_IN_POLICY.includes(name))

export interface PolicyResult {
  /** As the user wrote it. */
  readonly file: string
  readonly policy: Policy | undefined
  readonly control: Control
  /** The environment with the policy's values as inputs, where none were given. */
  readonly env: Env
  /** What was added, for the post step. */
  readonly added: Readonly<Record<string, string>>
}

/**
 * Reads the policy file and lays its values under the inputs given in the workflow.
 *
 * @throws InputError with line and column for every mistake in the file, or for a file that was named and is not there
 */
export async function applyPolicy(env: Env, runtime: Runtime): Promise<PolicyResult> {
  const named = readInput(env, 'policy-file') ?? readInput(env, 'policy_file')
  const file = named ?? DEFAULT_POLICY_FILE
  const path = isAbsolute(file) ? file : join(runtime.workspace, file)
  const environment = readInput(env, 'environment')
  if (!existsSync(path)) {
    if (named !== undefined)
      throw new InputError([
        `\`policy-file\` names ${file}, which is not there; check out the repository before this step`
      ])
    return { file, policy: undefined, control: controlOf(undefined, environment), env, added: {} }
  }
  const { policy, yaml } = await readPolicy(file, path)
  const control = controlOf(policy, environment)
  if (control.kind === 'error') throw new InputError([`${file}: ${control.text}`])
  const values = control.kind === 'controlled' ? await valuesFor(file, yaml, control, env) : {}
  const added = { ...values, [inputVariable('own-title')]: policy.title }
  return { file, policy, control, env: { ...env, ...added }, added }
}

async function readPolicy(file: string, path: string): Promise<{ policy: Policy; yaml: YamlFile }> {
  const yaml = await parseFile(file, readFileSync(path, 'utf8'))
  const result = parsePolicy(yaml.value, POLICY_INPUTS, CREDENTIALS)
  if ('policy' in result) return { policy: result.policy, yaml }
  throw new InputError(result.problems.map(problem => `${place(file, yaml, problem.path)}: ${problem.text}`))
}

async function parseFile(file: string, text: string): Promise<YamlFile> {
  try {
    return await readYamlFile(text)
  } catch (error) {
    if (error instanceof Refusal) throw new InputError([`${file} ${error.message}`])
    throw error
  }
}

function place(file: string, yaml: YamlFile, path: readonly (string | number)[]): string {
  const { line, column } = yaml.placeOf(path)
  return `${file}:${line}:${column}`
}

/** The values for inputs that were not given, each checked by its input's own schema, so that a mistake shows its place. */
async function valuesFor(
  file: string,
  yaml: YamlFile,
  control: Extract<Control, { kind: 'controlled' }>,
  env: Env
): Promise<Record<string, string>> {
  const added: Record<string, string> = {}
  const problems: string[] = []
  for (const [name, content] of Object.entries(control.values)) {
    const text = inputText(name, content)
    const fault = await faultOf(name, text)
    if (fault !== undefined)
      problems.push(`${place(file, yaml, pathOf(yaml, control.paths[name] ?? []))}: \`${name}\` ${fault}`)
    const given = readInput(env, name) ?? readInput(env, name.replaceAll('-', '_'))
    if (given === undefined) added[inputVariable(name)] = text
  }
  if (problems.length > 0) throw new InputError(problems)
  return added
}

/** Keys may stand in ServiceNow's spelling. */
function pathOf(yaml: YamlFile, path: readonly string[]): readonly string[] {
  const spelled = [...path.slice(0, -1), (path.at(-1) ?? '').replaceAll('-', '_')]
  const [a, b] = [yaml.placeOf(path), yaml.placeOf(spelled)]
  return a.line > b.line || (a.line === b.line && a.column >= b.column) ? path : spelled
}

async function faultOf(name: string, text: string): Promise<string | undefined> {
  const entry = Object.entries(inputs).find(
    ([key, schema]) => (inputMeta(schema).name ?? kebab(key)) === name
  )
  if (entry === undefined) return undefined
  const result = await z.safeParseAsync(entry[1], text.trim() === '' ? undefined : text)
  return result.success ? undefined : result.error.issues.map(issue => issue.message).join('; ')
}

/** The commit that last touched the policy file, for the record; '' where git cannot tell. */
export function commitOf(file: string, runtime: Runtime): string {
  try {
    const args = ['-C', runtime.workspace, 'log', '-1', '--format=%H', '--', file]
    return execFileSync('git', args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 10_000
    }).trim()
  } catch {
    return ''
  }
}
