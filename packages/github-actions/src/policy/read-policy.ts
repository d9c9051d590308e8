import {
  ENFORCE,
  originalPath,
  type Policy,
  type PolicyProblem,
  parsePolicy,
  SWITCH,
  TOP_KEYS
} from '@change-actions/change-control'
import { inputError, isInputError } from '../inputs/error.ts'
import { Refusal } from '../inputs/field.ts'
import { nearestName } from '../inputs/unknown.ts'
import { readYamlFile, type YamlFile } from '../inputs/yaml.ts'
import { POLICY_KEYS } from './policy-keys.ts'

/** A policy file as read. */
export interface PolicyFile {
  readonly policy: Policy
  /** Where a key stands, `file:line:column`. @param path in the inputs' spelling */
  placeOf(path: readonly (string | number)[]): string
}

/**
 * Reads a policy.
 *
 * @param file its name, for messages
 * @throws Problem `input` with line and column for every mistake in it
 */
export async function readPolicy(file: string, text: string): Promise<PolicyFile> {
  const yaml = await parseFile(file, text)
  const result = parsePolicy(yaml.value, POLICY_KEYS)
  if ('policy' in result) {
    const { policy } = result
    return { policy, placeOf: path => placeIn(file, yaml, originalPath(yaml.value, path)) }
  }
  throw inputError(
    result.problems.map(
      problem => `${placeIn(file, yaml, problem.path)}: ${problem.text}${suggestion(problem)}`
    )
  )
}

/** The policy in a text; undefined where it has mistakes, as in one of another release. */
export async function parsePolicyText(text: string): Promise<Policy | undefined> {
  try {
    return (await readPolicy('policy', text)).policy
  } catch (error) {
    if (isInputError(error)) return undefined
    throw error
  }
}

/** `file:line:column`, as editors and GitHub understand it. @param path in the file's own spelling */
function placeIn(file: string, yaml: YamlFile, path: readonly (string | number)[]): string {
  const { line, column } = yaml.placeOf(path)
  return `${file}:${line}:${column}`
}

async function parseFile(file: string, text: string): Promise<YamlFile> {
  try {
    return await readYamlFile(text)
  } catch (error) {
    if (error instanceof Refusal) throw inputError([`${file} ${error.message}`])
    throw error
  }
}

/** A typing mistake is a letter or two away from what was meant. */
function suggestion({ path, unknown }: PolicyProblem): string {
  if (unknown === undefined) return ''
  const { allowed, named } = POLICY_KEYS
  const inside = path[0] === 'names' ? named : [SWITCH, ENFORCE, ...Object.keys(allowed)]
  const name = nearestName(unknown, path.length === 1 ? TOP_KEYS : inside)
  return name === undefined ? '' : `; did you mean \`${name}\`?`
}
