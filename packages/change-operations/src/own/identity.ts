import { bindingHmac, type Scope, type Signature } from '@change-actions/change-control'
import type { ServiceNowClient } from '@change-actions/servicenow-client'
import type { Deployment } from '../deployment.ts'
import { bindingFor } from '../deployment-texts.ts'

/** Who deploys, and what a change must show to be taken for this deployment's. */
export interface Identity {
  readonly deployment: Deployment
  /** User names, beside the account itself, whose changes and notes count as ours. */
  readonly trustedAccounts: readonly string[]
  /** The secret by which bindings and markers are signed. */
  readonly bindingKey: string | undefined
  /** A change that was named may be bound to another repository or environment. */
  readonly allowForeignChange: boolean
}

/** What bindings are compared with. */
export function scopeOf({ deployment, bindingKey: key }: Identity, { instance }: ServiceNowClient): Scope {
  const { server: serverUrl, repository, environment } = deployment
  return { serverUrl, repository, environment, key, instance }
}

/** How markers on a change are signed; undefined without a key. */
export function signatureOf(
  { bindingKey }: Pick<Identity, 'bindingKey'>,
  sysId: string
): Signature | undefined {
  return bindingKey === undefined ? undefined : { key: bindingKey, sysId }
}

/** The binding of this deployment for a change with this correlation id. */
export function bindingLine(
  { deployment, bindingKey }: Identity,
  { instance }: Pick<ServiceNowClient, 'instance'>,
  correlationId: string
): string {
  if (bindingKey === undefined) return bindingFor(deployment)
  const signature = { key: bindingKey, correlationId, instance }
  return bindingFor(deployment, text => bindingHmac(text, signature))
}
