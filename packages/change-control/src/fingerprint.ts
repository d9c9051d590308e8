/** What a change said when it was submitted, by which later edits are noticed. */

import { FINGERPRINT_FIELDS, type Fingerprint } from './fingerprint-mark.ts'
import { fieldHash } from './identity.ts'
import type { ChangeSnapshot } from './snapshot.ts'

/** A record, as far as its fingerprint needs it. */
export interface FingerprintSource extends Pick<ChangeSnapshot, 'plannedStart' | 'plannedEnd'> {
  readonly sysId: string
  /** The stored value of a field; undefined where the account may not read it. */
  read(field: string): string | undefined
}

/** The fingerprint of a record as it is now. */
export function fingerprintOf({ sysId, plannedStart, plannedEnd, read }: FingerprintSource): Fingerprint {
  const hashes = FINGERPRINT_FIELDS.map(field => {
    const value = read(field)
    // Line breaks are stored as they were sent, which differs from API to API.
    return value === undefined ? undefined : fieldHash(sysId, field, value.replace(/\r\n?/g, '\n'))
  })
  return { hashes, plannedStart, plannedEnd }
}

/**
 * Names of the fields that differ; undefined where a field that was noted can no longer be read. What could not be read
 * when it was noted is not compared.
 */
export function editedFields(noted: Fingerprint, now: Fingerprint): readonly string[] | undefined {
  const compared = FINGERPRINT_FIELDS.flatMap((field, n) => {
    const [then, current] = [noted.hashes[n], now.hashes[n]]
    return then === undefined ? [] : [{ field, then, current }]
  })
  const edited = compared.filter(({ then, current }) => current !== undefined && current !== then)
  const isHidden = compared.some(({ current }) => current === undefined)
  return edited.length === 0 && isHidden ? undefined : edited.map(({ field }) => field)
}

/** A planned window, in epoch milliseconds. */
export type PlannedWindow = Pick<Fingerprint, 'plannedStart' | 'plannedEnd'>

/** How the planned window was moved since; undefined where it was not. */
export function movedWindow(
  noted: Fingerprint,
  now: Fingerprint
): { readonly from: PlannedWindow; readonly to: PlannedWindow } | undefined {
  const isSame = noted.plannedStart === now.plannedStart && noted.plannedEnd === now.plannedEnd
  if (isSame) return undefined
  const windowOf = ({ plannedStart, plannedEnd }: Fingerprint) => ({ plannedStart, plannedEnd })
  return { from: windowOf(noted), to: windowOf(now) }
}
