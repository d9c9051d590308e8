import { existsSync, readFileSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import {
  type Control,
  controlOf,
  inputText,
  originalPath,
  type Policy,
  type PolicyProblem,
  parsePolicy
} from '@change-actions/change-control'
import {
  type Env,
  InputError,
  inputVariable,
  Refusal,
  type Runtime,
  readInput,
  readYamlFile,
  type YamlFile
} from '@change-actions/github-actions'
import { distance } from 'fastest-levenshtein'
import * as z from 'zod/mini'
import { inputSchema, POLICY_INPUTS, REFUSED } from './policy-inputs.ts'

/** Where the policy file is looked for when none is named. */
export const DEFAULT_POLICY_FILE = '.github/servicenow-change.yml'

export interface PolicyResult {
  /** As the user wrote it. */
  readonly file: string
  readonly policy: Policy | undefined
  readonly control: Exclude<Control, { kind: 'error' }>
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
  const named = given(env, 'policy-file')
  const file = named ?? DEFAULT_POLICY_FILE
  const environment = given(env, 'environment')
  const text = readText(isAbsolute(file) ? file : join(runtime.workspace, file), file)
  if (text === undefined) {
    if (named !== undefined)
      throw new InputError([
        `\`policy-file\` names ${file}, which is not there; check out the repository before this step, and see that the file is committed (examples/servicenow-change.yml is one to start from)`
      ])
    return { file, policy: undefined, control: { kind: 'controlled', values: {}, paths: {} }, env, added: {} }
  }
  const { policy, yaml } = await readPolicy(file, text)
  const control = controlOf(policy, environment)
  if (control.kind === 'error') throw new InputError([`${file}: ${control.text}`])
  const values = control.kind === 'controlled' ? await valuesFor(file, yaml, control, env) : {}
  const added = { ...values, [inputVariable('own-title')]: policy.title }
  return { file, policy, control, env: withPolicy(env, added), added }
}

/** The policy's values as inputs, where the workflow gives none. */
export function withPolicy(env: Env, added: Readonly<Record<string, string>>): Env {
  const missing = Object.entries(added).filter(([variable]) => (env[variable] ?? '').trim() === '')
  return { ...env, ...Object.fromEntries(missing) }
}

function given(env: Env, name: string): string | undefined {
  return readInput(env, name) ?? readInput(env, name.replaceAll('-', '_'))
}

function readText(path: string, file: string): string | undefined {
  if (!existsSync(path)) return undefined
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new InputError([`${file} cannot be read: ${(error as Error).message}`])
  }
}

async function readPolicy(file: string, text: string): Promise<{ policy: Policy; yaml: YamlFile }> {
  const yaml = await parseFile(file, text)
  const result = parsePolicy(yaml.value, POLICY_INPUTS, REFUSED)
  if ('policy' in result) return { policy: result.policy, yaml }
  throw new InputError(
    result.problems.map(problem => `${place(file, yaml, problem.path)}: ${problem.text}${meant(problem)}`)
  )
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

const TOP = ['unlisted', 'title', 'defaults', 'environments']

/** A typing mistake is a letter or two away from what was meant. */
function meant({ path, unknown }: PolicyProblem): string {
  if (unknown === undefined) return ''
  const names = path.length === 1 ? TOP : ['change-controlled', ...Object.keys(POLICY_INPUTS)]
  const key = unknown.replaceAll('_', '-')
  const near = names.filter(name => distance(key, name) <= (name.length < 5 ? 1 : 2))
  const [closest] = near.sort((a, b) => distance(key, a) - distance(key, b))
  return closest === undefined ? '' : `; did you mean \`${closest}\`?`
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
    const at = originalPath(yaml.value, control.paths[name] ?? [])
    if (fault !== undefined) problems.push(`${place(file, yaml, at)}: \`${name}\` ${fault}`)
    if (given(env, name) === undefined) added[inputVariable(name)] = text
  }
  if (problems.length > 0) throw new InputError(problems)
  return added
}

async function faultOf(name: string, text: string): Promise<string | undefined> {
  const schema = inputSchema(name)
  if (schema === undefined) return undefined
  const result = await z.safeParseAsync(schema, text.trim() === '' ? undefined : text.trim())
  return result.success ? undefined : result.error.issues.map(issue => issue.message).join('; ')
}
