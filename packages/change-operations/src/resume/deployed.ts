/** Changes that ended because their deployment has ended: nothing waits for them any more. */
import { correlationScope } from '@change-actions/change-control'
import { fieldOf } from '@change-actions/servicenow-client'
import type { BoundChange } from '../bound/bound-changes.ts'

/** What has to be read for it. */
export const DEPLOYED_FIELDS = ['work_start', 'sys_created_by', 'sys_updated_by']

/**
 * Whether the deployment of a change that ended has run: it was implemented, and the account that made it wrote it last,
 * as the job that deploys does when it closes it. What a person closed may still be waited for; so may a change without an
 * environment, which serves several.
 */
export function hasDeployed({ change, binding, repository }: BoundChange): boolean {
  const text = (field: string) => fieldOf(change.fields, field).value.trim().toLowerCase()
  const { server: serverUrl, repository: name } = repository
  const ofAny = correlationScope({ serverUrl, repository: name, environment: '' })
  const namesEnvironment = binding.scope.includes('.') && binding.scope !== ofAny
  const writer = text('sys_updated_by')
  return namesEnvironment && text('work_start') !== '' && writer !== '' && writer === text('sys_created_by')
}
