import { isSafeInQuery } from '@change-actions/servicenow-client'
import { listOf } from '../inputs/lists.ts'
import { boolean, text } from '../inputs/scalars.ts'
import { HAS_LINE_BREAK } from './credentials.ts'

/** The inputs by which a change is known to be ours. */
export const ownershipInputs = {
  trustedAccounts: listOf(toAccount, { rule: 'user names' }),
  bindingKey: text({ env: 'SERVICENOW_BINDING_KEY', secret: true })
} as const

/** The input that accepts a named change of another scope. */
export const foreignInputs = { allowForeignChange: boolean({ default: false }) } as const

/** What a step needs that claims a change, or checks who has claimed it. */
export const claimInputs = {
  takeOver: boolean({ default: false }),
  githubToken: text({ context: '${{ github.token }}', secret: true })
} as const

/** The environment, where no policy is looked up by it. */
export const environmentInputs = { environment: text() } as const

/** A user name becomes part of a query. */
function toAccount(name: string): string | undefined {
  return isSafeInQuery(name) && !name.includes(',') ? name : undefined
}

/** What is wrong with the key. It is never quoted. */
export function ownershipProblems({ bindingKey }: { readonly bindingKey?: string | undefined }): string[] {
  return bindingKey !== undefined && /[\r\n]/.test(bindingKey) ? [`\`binding-key\` ${HAS_LINE_BREAK}`] : []
}
