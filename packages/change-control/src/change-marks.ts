/**
 * What a change carries of ours: the binding, claims and markers of notes, with their versions. Their page is
 * docs/design/record-formats.md; test/golden holds what earlier releases wrote.
 */
import { markHmac, type Signature } from './signature.ts'

/** Hex digits of a short hash. */
const SHORT = 12

/** Hex digits of a commit in a binding. A SHA-256 commit has more, and is told by these. */
const COMMIT = 40

// Binding, version 2: `gha2 <commit, 40> <run id> <scope>` and, where there is a key, ` <HMAC, 12>`. Version 1:
// `gha <commit, 12> <run id> <scope, 12>`. Both in correlation_display.

/** What a change is bound to. */
export interface Binding {
  readonly version: 1 | 2
  /** The first 40 hex digits of the commit, 12 in version 1; zeros where it was not known. */
  readonly commit: string
  /** `0` away from a CI system. */
  readonly runId: string
  /** In version 2 the hashes of repository and environment, `<16 hex>.<8 hex>`; in version 1 one of both, 12 hex digits. */
  readonly scope: string
  /** 12 hex digits; undefined where it was written without a key. */
  readonly hmac?: string
}

const BINDING_1 = /^gha ([0-9a-f]{12}) ([0-9]{1,20}) ([0-9a-f]{12})$/
const BINDING_2 = /^gha2 ([0-9a-f]{40}) ([0-9]{1,15}) ([0-9a-f]{16}\.[0-9a-f]{8})(?: ([0-9a-f]{12}))?$/

/**
 * The line in `correlation_display` by which a change says what it was made for: at most 100 characters.
 *
 * @throws RangeError when the commit is not a commit id of 40 hex digits or more, or the run id not a number of at most
 *   15 digits
 */
export function formatBinding(
  { commit, runId, scope }: Pick<Binding, 'commit' | 'runId' | 'scope'>,
  sign?: (text: string) => string
): string {
  const text = `gha2 ${commit.slice(0, COMMIT).toLowerCase()} ${runId} ${scope}`
  if (BINDING_2.test(text)) return sign === undefined ? text : `${text} ${sign(text)}`
  const given = `commit ${JSON.stringify(commit)}, run ${JSON.stringify(runId)}`
  throw new RangeError(`A change is bound to a commit id and a run number, and these are neither: ${given}.`)
}

/** Reads a binding. Undefined unless the text is exactly one: other tools use the field too. */
export function parseBinding(text: string): Binding | undefined {
  const [, commit, runId, scope, hmac] = BINDING_2.exec(text) ?? BINDING_1.exec(text) ?? []
  if (commit === undefined || runId === undefined || scope === undefined) return undefined
  return { version: scope.includes('.') ? 2 : 1, commit, runId, scope, ...(hmac !== undefined && { hmac }) }
}

/** What is signed of a binding: its line without the HMAC. */
export function bindingText(line: string): string {
  const bound = parseBinding(line)
  return bound?.hmac === undefined ? line : line.slice(0, -bound.hmac.length - 1)
}

/** Whether a commit is the one that a binding names, as far as it names it. @param commit a full id */
export function isCommitOf(bound: Pick<Binding, 'commit'>, commit: string): boolean {
  return bound.commit === commit.slice(0, bound.commit.length).toLowerCase()
}

// Note marker, version 1: `[gha <hash, 12>]`, the last line of a work note or comment.

/** The marker by which a note is recognised. @param digest SHA-256 of what makes it the same note, in hex */
export function formatNoteMarker(digest: string): string {
  return `[gha ${digest.slice(0, SHORT)}]`
}

/** Invisible characters between the letters of a marker do not save it: an instance may drop them. */
const BEGINS_MARKER = /\[(?=\p{C}*g\p{C}*h\p{C}*a)/giu

/** Untrusted text that can no longer be read as a marker of ours, of whatever version. */
export function withoutMarkers(text: string): string {
  return text.replace(BEGINS_MARKER, '(')
}

// Marker with facts: `[gha2 <kind> <body>]`, with a key `[gha2 <kind> <body> #<HMAC, 12>]`.

/** A marker that says more than that its note is there. */
export interface Mark {
  /** `bound`, `used`, `claim`, … */
  readonly kind: string
  readonly body: string
  readonly hmac?: string
}

const MARK = /\[gha2 ([a-z]+(?:-[a-z]+)*) ([0-9a-z][0-9a-z.:, -]{0,400}?)(?: #([0-9a-f]{12}))?\]/g

/** @throws RangeError for a marker that no reader would find again */
export function formatMark(kind: string, body: string, signature?: Signature): string {
  const plain = `${kind} ${body}`
  const hmac = signature === undefined ? '' : ` #${markHmac(plain, signature)}`
  const text = `[gha2 ${plain}${hmac}]`
  if (parseMarks(text, kind).length === 1) return text
  throw new RangeError(`${text} is not the form of a marker`)
}

/** The markers of a kind in a text, in the order in which they stand there. */
export function parseMarks(text: string, kind: string): Mark[] {
  return [...text.matchAll(MARK)].flatMap(([, found = '', body = '', hmac]) =>
    found === kind ? [{ kind, body, ...(hmac !== undefined && { hmac }) }] : []
  )
}

/** Whether a marker was written with the key for this change. */
export function isSignedMark({ kind, body, hmac }: Mark, signature: Signature): boolean {
  return hmac !== undefined && hmac === markHmac(`${kind} ${body}`, signature)
}

// Claim, version 2: a marker `claim` with `<generation> <run id> <attempt> <scope>`. Version 1:
// `[gha claim <generation> <run id> <attempt> <scope, 12>]`. Both the last line of a work note.

/** Which run deploys under a change. */
export interface Claim {
  readonly runId: string
  readonly attempt: string
  /** As in the binding. */
  readonly scope: string
}

/**
 * A claim as it stands in the notes. Who finds the change free claims the next generation; of several claims of one
 * generation the first counts, so that runs which claim at once agree on one of them.
 */
export interface RecordedClaim extends Claim {
  readonly generation: number
}

const CLAIM_1 = /\[gha claim (\d{1,6}) (\d{1,20}) (\d{1,6}) ([0-9a-f]{12})\]/
const CLAIM_2 =
  /\[gha2 claim (\d{1,6}) (\d{1,20}) (\d{1,6}) ([0-9a-f]{16}\.[0-9a-f]{8})(?: #([0-9a-f]{12}))?\]/
const CLAIM = new RegExp(`${CLAIM_2.source}|${CLAIM_1.source}`, 'g')

/**
 * The marker of a claim, as it stands in a work note.
 *
 * @throws RangeError for a claim that no reader would find again: run and attempt are numbers
 */
export function formatClaim(
  { generation, runId, attempt, scope }: RecordedClaim,
  signature?: Signature
): string {
  const plain = `[gha2 claim ${generation} ${runId} ${attempt} ${scope}]`
  if (parseClaims(plain).length === 0) throw new RangeError(`${plain} is not the form of a claim`)
  return formatMark('claim', `${generation} ${runId} ${attempt} ${scope}`, signature)
}

/** The marker of the note in which a run says that it claimed in vain. No reader takes it for a claim. */
export function formatLostClaim({ generation, runId, attempt, scope }: RecordedClaim): string {
  return formatMark('claim-lost', `${generation} ${runId} ${attempt} ${scope}`)
}

/**
 * The claims in a text, in the order in which they stand there.
 *
 * @param signature where there is a key: only claims that were written with it count
 */
export function parseClaims(text: string, signature?: Signature): RecordedClaim[] {
  return [...text.matchAll(CLAIM)].flatMap(found => {
    const [, generation, runId = '', attempt = '', scope = '', hmac] = found
    if (generation === undefined) {
      const [first = '', run = '', number = '', hash = ''] = found.slice(6)
      const old = { generation: Number(first), runId: run, attempt: number, scope: hash }
      return signature === undefined ? [old] : []
    }
    const mark = { kind: 'claim', body: `${generation} ${runId} ${attempt} ${scope}` }
    const counts =
      signature === undefined || isSignedMark({ ...mark, ...(hmac !== undefined && { hmac }) }, signature)
    return counts ? [{ generation: Number(generation), runId, attempt, scope }] : []
  })
}
