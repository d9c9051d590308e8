/**
 * Artifacts: a marker `artifacts` with `<generation> <SHA-256 over the digests>`, the last line of a work note that lists
 * them. Who states other digests writes the next generation: an older note that is repeated says nothing.
 */
import { createHash } from 'node:crypto'
import { formatMark, type Mark } from './change-marks.ts'
import type { GateFacts } from './gate.ts'
import type { Signature } from './signature.ts'

/** The kind of the marker. */
export const ARTIFACTS_KIND = 'artifacts'

const DIGEST = /^sha256:[0-9a-f]{64}$/
const BODY = /^(\d{1,6}) ([0-9a-f]{64})$/

/** A digest in the form in which they are compared, `sha256:<64 hex>`; undefined for any other text. */
export function toArtifactDigest(text: string): string | undefined {
  const digest = text.toLowerCase()
  return DIGEST.test(digest) ? digest : undefined
}

/** No higher one is written. */
export const MAX_GENERATION = 999_999

/** What was noted of the artifacts that are deployed under a change. */
export interface NotedArtifacts {
  readonly generation: number
  /** SHA-256 over the digests, 64 hex digits. */
  readonly hash: string
}

/** The marker of a set of digests, as it stands in a work note. */
export function formatArtifacts(
  digests: readonly string[],
  generation: number,
  signature?: Signature
): string {
  return formatMark(ARTIFACTS_KIND, `${generation} ${hashOf(digests)}`, signature)
}

/** The artifacts that count: those of the highest generation; of several, those noted first. */
export function artifactsNoted(marks: readonly Mark[]): NotedArtifacts | undefined {
  const noted = marks.flatMap(({ kind, body }) => {
    const [, generation, hash] = (kind === ARTIFACTS_KIND && BODY.exec(body)) || []
    return generation === undefined || hash === undefined ? [] : [{ generation: Number(generation), hash }]
  })
  const latest = Math.max(...noted.map(one => one.generation))
  return noted.find(one => one.generation === latest)
}

/** Whether digests are those that were noted, in whatever order. */
export function areNoted(digests: readonly string[], noted: NotedArtifacts): boolean {
  return noted.hash === hashOf(digests)
}

/**
 * The digests of what is deployed, held against those that were noted.
 *
 * @param digests empty where none are given
 * @param notes undefined where they cannot be read; without proof that we wrote them, they can only close the gate
 */
export function compareArtifacts(
  digests: readonly string[],
  notes: { readonly proved: boolean; readonly marks: readonly Mark[] } | undefined
): GateFacts['digests'] {
  if (digests.length === 0) return 'not-given'
  const noted = artifactsNoted(notes?.marks ?? [])
  if (noted === undefined) return 'unknown'
  if (!areNoted(digests, noted)) return 'differ'
  return notes?.proved === true ? 'equal' : 'unknown'
}

function hashOf(digests: readonly string[]): string {
  return createHash('sha256')
    .update(JSON.stringify([ARTIFACTS_KIND, ...[...new Set(digests)].sort()]))
    .digest('hex')
}
