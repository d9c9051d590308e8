import { existsSync, readFileSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { type Policy, type PolicyProblem, parsePolicy, SWITCH } from '@change-actions/change-control'
import { messageOf } from '../errors.ts'
import { inputError } from '../inputs/error.ts'
import { Refusal } from '../inputs/field.ts'
import { nearestName } from '../inputs/unknown.ts'
import { readYamlFile, type YamlFile } from '../inputs/yaml.ts'
import type { PolicyKeys } from './policy-inputs.ts'

/** A policy file as read, and its document, which knows where everything stands. */
export interface PolicyFile {
  readonly policy: Policy
  readonly yaml: YamlFile
}

/**
 * Reads a policy file.
 *
 * @param file as the user wrote it: absolute, or relative to the workspace
 * @returns undefined when there is no such file
 * @throws Problem `input` for a file that cannot be read, and with line and column for every mistake in it
 */
export async function readPolicyFile(
  file: string,
  workspace: string,
  keys: PolicyKeys
): Promise<PolicyFile | undefined> {
  const text = readText(isAbsolute(file) ? file : join(workspace, file), file)
  if (text === undefined) return undefined
  const yaml = await parseFile(file, text)
  const result = parsePolicy(yaml.value, keys.allowed, keys.refused)
  if ('policy' in result) return { policy: result.policy, yaml }
  throw inputError(
    result.problems.map(
      problem => `${placeIn(file, yaml, problem.path)}: ${problem.text}${suggestion(problem, keys)}`
    )
  )
}

/** `file:line:column`, as editors and GitHub understand it. @param path in the file's own spelling */
export function placeIn(file: string, yaml: YamlFile, path: readonly (string | number)[]): string {
  const { line, column } = yaml.placeOf(path)
  return `${file}:${line}:${column}`
}

function readText(path: string, file: string): string | undefined {
  if (!existsSync(path)) return undefined
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw inputError([`${file} cannot be read: ${messageOf(error)}`])
  }
}

async function parseFile(file: string, text: string): Promise<YamlFile> {
  try {
    return await readYamlFile(text)
  } catch (error) {
    if (error instanceof Refusal) throw inputError([`${file} ${error.message}`])
    throw error
  }
}

const TOP = ['unlisted', 'title', 'states', 'defaults', 'environments']

/** A typing mistake is a letter or two away from what was meant. */
function suggestion({ path, unknown }: PolicyProblem, { allowed }: PolicyKeys): string {
  if (unknown === undefined) return ''
  const name = nearestName(unknown, path.length === 1 ? TOP : [SWITCH, ...Object.keys(allowed)])
  return name === undefined ? '' : `; did you mean \`${name}\`?`
}
