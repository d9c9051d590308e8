/** The block of the job summary about one change, and the line of a step that others follow. */
import { isApproved } from '@change-actions/change-control'
import type { Change, ServiceNowClient } from '@change-actions/servicenow-client'
import { fieldOf } from '@change-actions/servicenow-client'
import { windowText } from '../../messages/index.ts'
import { type Runtime, tagOf } from '../../step/runtime.ts'
import type { Summary } from '../../summary.ts'
import { link, markdown, oneLine } from '../../text.ts'
import { approvalText } from '../outputs.ts'
import { statesPicture, statesRows } from './states-picture.ts'
import type { Decision, Story } from './story.ts'
import { endVerdict } from './verdict.ts'

/** What the summary is written from. */
export interface Told {
  readonly client: ServiceNowClient
  readonly runtime: Runtime
  readonly story: Story
  readonly change: Change | undefined
  /** Instead of the change's number, where there is none. Plain text. */
  readonly title: string
}

type Row = readonly [string, string]

/** `## CHG0030001: approved, the deployment may start`. */
export function writeVerdict(summary: Summary, { story, change, title }: Told): void {
  const subject = change?.number || title
  summary.heading(story.verdict === undefined ? subject : `${subject}: ${story.verdict}`)
}

/** What, where, who and when, window, evidence and link; then the states as a picture, with a table for screen readers. */
export function writeBlock(summary: Summary, told: Told, more: readonly Row[]): void {
  const { story } = told
  const rows = [...whatAndWhere(told), ...approval(told), ...evidence(story), ...record(told), ...more]
  if (rows.length > 0) summary.facts(rows)
  const picture = statesPicture(story.states)
  if (picture !== '') summary.line(picture)
  if (story.states.length > 0) summary.table(['State', 'Seen at (UTC)'], statesRows(story.states))
}

/** One line: the block is written by a later step. @param measures Markdown */
export function writeLine(summary: Summary, { client, story, change, title }: Told, measures: string): void {
  if (change === undefined) {
    const words = story.verdict === undefined ? title : `${title}: ${story.verdict}`
    summary.line(`${markdown(words)}. ${measures}`)
    return
  }
  const named = link(change.number, client.changeUrl(change.sysId))
  const { verdict = '', evidence: lines } = story
  const state = tellsState(verdict, change.stateLabel) ? '' : `state ${change.stateLabel}, `
  const files = lines.length === 0 ? '' : ` Evidence: ${lines.join(', ')}.`
  const stands = `${state}approval ${approvalText(change)}.${files}`
  const words = verdict === '' ? '' : `${markdown(verdict)}, `
  summary.line(`${named}: ${words}${markdown(oneLine(stands, 1_000))} ${measures}`)
}

/** `in Implement`, `closed as successful`, `canceled`. */
function tellsState(verdict: string, label: string): boolean {
  return [endVerdict(label, undefined), label.toLowerCase()].some(
    words => verdict === words || verdict.startsWith(`${words} `)
  )
}

function whatAndWhere(told: Told): Row[] {
  const { runtime, story, change } = told
  const { serverUrl, repository, sha, runUrl, runId } = runtime
  const at = `${serverUrl}/${repository}`
  const what = [
    repository === '' ? '' : link(repository, at),
    versionText(told),
    sha === '' ? '' : `commit ${link(sha.slice(0, 12), `${at}/commit/${sha}`)}`,
    runUrl === '' ? '' : link(`run ${runId}`, runUrl),
    ...story.links.filter(([, url]) => url !== runUrl).map(([name, url]) => link(name.toLowerCase(), url))
  ].filter(text => text !== '')
  const ci = change === undefined ? '' : fieldOf(change.fields, 'cmdb_ci').display
  const where = [story.environment ?? '', ci === '' ? '' : `configuration item ${ci}`].filter(
    text => text !== ''
  )
  return [
    ...(what.length === 0 ? [] : [['What', what.join(', ')] as const]),
    ...(where.length === 0 ? [] : [['Where', markdown(oneLine(where.join(', '), 300))] as const])
  ]
}

/** A version that is the commit's id is told as that. */
function versionText({ runtime, story }: Told): string {
  const version = story.version ?? tagOf(runtime) ?? ''
  return version === '' || runtime.sha.startsWith(version) ? '' : `version ${markdown(oneLine(version, 100))}`
}

function approval(told: Told): Row[] {
  const { story, change } = told
  const { reason } = story
  const why: Row[] = reason === undefined ? [] : [['Reason', markdown(oneLine(reason, 500))]]
  return [...decided(told), ...why, ...(change === undefined ? [] : window(change))]
}

/** Who decided what, and with which words. That people approved does not mean that the change is approved. */
function decided({ story: { decisions, refused }, change }: Told): Row[] {
  if (decisions.length === 0)
    return change === undefined ? [] : [['Approval', markdown(approvalText(change))]]
  const all = decisions.every(([, decision]) => decision === 'approved')
  const counts = all && !refused && change !== undefined && isApproved(change)
  return counts
    ? [['Approved by', decisions.map(one => saidBy(one, false)).join('; ')]]
    : [['Decisions', decisions.map(one => saidBy(one, true)).join('; ')]]
}

function saidBy([name, decision, at, comment]: Decision, told: boolean): string {
  const who = told ? `${name} ${decision}` : name
  const when = oneLine(at === '' ? who : `${who}, ${at} UTC`, 200)
  return markdown(comment === undefined ? when : `${when}: “${oneLine(comment, 300)}”`)
}

function window({ plannedStart, plannedEnd }: Change): Row[] {
  if (plannedStart === undefined && plannedEnd === undefined) return []
  return [['Window', markdown(windowText({ plannedStart, plannedEnd }))]]
}

function evidence({ evidence: lines }: Story): Row[] {
  return lines.length === 0 ? [] : [['Evidence', lines.map(line => markdown(oneLine(line, 200))).join('; ')]]
}

function record({ client, change }: Told): Row[] {
  if (change === undefined) return []
  const at = link(change.number, client.changeUrl(change.sysId))
  return [['Change', `${at}, ${markdown(change.stateLabel)}`]]
}
