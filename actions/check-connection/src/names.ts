import {
  type ClientProblem,
  isClientProblem,
  isSysId,
  type ReferenceKind,
  type ServiceNowClient
} from '@change-actions/servicenow-client'
import { attempt, bad, type Finding, failed, good } from './finding.ts'
import type { CheckInputs } from './inputs.ts'

/** What was found of the names that were given. */
export interface CheckedNames {
  readonly findings: readonly Finding[]
  /** Those whose record was found by its name. */
  readonly known: readonly KnownName[]
}

/** A name as a step gives it, and the record that it stands for. */
export interface KnownName {
  /** The input, in kebab-case. */
  readonly input: string
  readonly name: string
  readonly sysId: string
}

/** A record or a value that a name was looked up as. */
interface Found {
  readonly display: string
  readonly verified: boolean
  /** Of a record. */
  readonly sysId?: string
}

/** Names that were given: what create-change would make of them. */
export async function checkNames(client: ServiceNowClient, inputs: CheckInputs): Promise<CheckedNames> {
  const known: KnownName[] = []
  const given = (check: string, input: string, name: string | undefined, find: Find) => {
    if (name === undefined) return []
    return [
      checkGiven(check, name, async () => {
        const found = await find(name)
        const { sysId, verified } = found
        if (sysId !== undefined && verified && !isSysId(name))
          known.push({ input, name, sysId: sysId.toLowerCase() })
        return outcomeOf(name, found)
      })
    ]
  }
  const reference = (kind: ReferenceKind) => async (name: string) => {
    const { value, ...found } = await client.reference(kind, name)
    return { ...found, sysId: value }
  }
  const template = async (name: string) => {
    const found = await client.changes.template(name)
    return { display: found.name, verified: true, sysId: found.sysId }
  }
  const closeCode = async (code: string) => {
    const { value, verified } = await client.choice('close_code', code)
    return { display: value, verified }
  }
  const findings = await Promise.all([
    ...given('Assignment group', 'assignment-group', inputs.assignmentGroup, reference('group')),
    ...given('Configuration item', 'cmdb-ci', inputs.cmdbCi, reference('ci')),
    ...given('Standard change template', 'standard-change-template', inputs.standardChangeTemplate, template),
    ...given('Close code after a success', 'close-code-success', inputs.closeCodeSuccess, closeCode),
    ...given('Close code after a failure', 'close-code-failure', inputs.closeCodeFailure, closeCode)
  ])
  return { findings, known }
}

type Find = (name: string) => Promise<Found>

/**
 * The names as they stand below `names:` in a policy: YAML, indented by two blanks; '' where none was found. Each text
 * is quoted, for a sys_id may be all digits.
 */
export function namesYaml(known: readonly KnownName[]): string {
  const inputs = [...new Set(known.map(one => one.input))]
  return inputs
    .toSorted()
    .flatMap(input => [
      `  ${input}:`,
      ...known
        .filter(one => one.input === input)
        .map(({ name, sysId }) => `    ${JSON.stringify(name)}: ${JSON.stringify(sysId)}`)
    ])
    .join('\n')
}

/** Begins with the value that was checked; where the record has another spelling, that follows. */
function outcomeOf(given: string, { display, verified }: Found): string {
  if (!verified) return `"${given}" could not be looked up and is left to the instance`
  return display === given ? `"${given}" was found` : `"${given}" was found as "${display}"`
}

async function checkGiven(check: string, name: string, body: () => Promise<string>): Promise<Finding> {
  return attempt(check, 'fail', async () => {
    try {
      return good(check, await body())
    } catch (error) {
      if (isClientProblem(error, 'unsafe-query'))
        return bad(check, 'fail', `"${name}" cannot be looked up`, 'give the sys_id')
      if (!isClientProblem(error)) throw error
      const finding = await failed(check, 'fail', error)
      return { ...finding, detail: `"${name}": ${finding.detail}${candidatesOf(error)}` }
    }
  })
}

/** What a name may have meant. Untrusted text. */
function candidatesOf({ facts }: ClientProblem): string {
  const { candidates = [] } = facts as { candidates?: readonly string[] }
  return candidates.length === 0 ? '' : `; there is ${candidates.slice(0, MAX_CANDIDATES).join('; ')}`
}

const MAX_CANDIDATES = 10
