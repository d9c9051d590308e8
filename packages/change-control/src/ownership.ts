import { type Binding, bindingText, parseBinding } from './change-marks.ts'
import { isInScope, type ScopeParts } from './identity.ts'
import { type BindingSignature, bindingHmac } from './signature.ts'
import type { ChangeSnapshot } from './snapshot.ts'

/** What the binding of a change is compared with. */
export interface Scope extends ScopeParts {
  /** The secret that bindings are signed with; undefined: they are not. */
  readonly key?: string | undefined
  /** Origin of the instance. */
  readonly instance: string
}

type Bound = Pick<ChangeSnapshot, 'correlationDisplay'> & { readonly correlationId: string }

/** The binding of a change that counts: where there is a key, one that was written with it. */
export function bindingOn(
  { correlationDisplay, correlationId }: Bound,
  { key, instance }: Pick<Scope, 'key' | 'instance'>
): Binding | undefined {
  if (key === undefined) return parseBinding(correlationDisplay)
  return parseSignedBinding(correlationDisplay, { key, correlationId, instance })
}

/**
 * What the binding of a change says. `ours`: bound to this repository and environment. `foreign`: bound, but not so, or
 * without the signature that it must have. `none`: there is no binding.
 */
export function boundAs(change: Bound, scope: Scope): 'ours' | 'foreign' | 'none' {
  if (parseBinding(change.correlationDisplay) === undefined) return 'none'
  const bound = bindingOn(change, scope)
  return bound !== undefined && isInScope(bound.scope, scope) ? 'ours' : 'foreign'
}

/** A binding that was written with the key; undefined for any other text. */
export function parseSignedBinding(line: string, signature: BindingSignature): Binding | undefined {
  const bound = parseBinding(line)
  return bound?.hmac === bindingHmac(bindingText(line), signature) ? bound : undefined
}
