import {
  type ClientProblem,
  isClientProblem,
  type ReferenceKind,
  type ServiceNowClient
} from '@change-actions/servicenow-client'
import { attempt, bad, type Finding, failed, good } from './finding.ts'
import type { CheckInputs } from './inputs.ts'

/** Names that were given: what create-change would make of them. */
export async function checkNames(client: ServiceNowClient, inputs: CheckInputs): Promise<Finding[]> {
  const given = (check: string, name: string | undefined, body: (name: string) => Promise<string>) =>
    name === undefined ? [] : [checkGiven(check, name, () => body(name))]
  const reference = (kind: ReferenceKind) => async (name: string) =>
    outcomeOf(name, await client.reference(kind, name))
  const template = async (name: string) => outcomeOf(name, await templateOf(client, name))
  const closeCode = async (code: string) => {
    const { value, verified } = await client.choice('close_code', code)
    return outcomeOf(code, { display: value, verified })
  }
  return Promise.all([
    ...given('Assignment group', inputs.assignmentGroup, reference('group')),
    ...given('Configuration item', inputs.cmdbCi, reference('ci')),
    ...given('Standard change template', inputs.standardChangeTemplate, template),
    ...given('Close code after a success', inputs.closeCodeSuccess, closeCode),
    ...given('Close code after a failure', inputs.closeCodeFailure, closeCode)
  ])
}

async function templateOf(client: ServiceNowClient, name: string) {
  const template = await client.changes.template(name)
  return { display: template.name, verified: true }
}

/** Begins with the value that was checked; where the record has another spelling, that follows. */
function outcomeOf(given: string, { display, verified }: { display: string; verified: boolean }): string {
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
