import type { Change } from '@change-actions/servicenow-client'
import { type BriefLinks, recordedPages, repositoryUrlOf } from './links.ts'
import type { BriefQuestion, BriefStep, ReadBrief } from './read-brief.ts'

export type { BriefLinks, BriefQuestion, BriefStep, ReadBrief }

/** The inputs that decide whether there is a brief. */
interface BriefInputs {
  readonly changeBrief: 'auto' | 'off'
  readonly githubToken?: string | undefined
}

/** A step that may have a brief. */
export type BriefedStep = BriefStep & { readonly inputs: BriefInputs }

/**
 * Reads the brief for approvers; undefined where there is none to read: it is not wanted, there is no token, or
 * repository or commit are not known. Octokit is loaded with it.
 */
export async function briefFor(step: BriefedStep, question: BriefQuestion): Promise<ReadBrief | undefined> {
  if (!isWanted(step)) return undefined
  const { readBrief } = await import(/* webpackChunkName: "brief" */ './read-brief.ts')
  return readBrief(step, question)
}

/** Of which deployment pages are looked for. */
export interface LinkQuestion {
  readonly environment: string | undefined
  readonly change: Change
  /** Whether GitHub may be asked. Of a deployment that is over it would compare with what that deployed. */
  readonly ask: boolean
}

/**
 * The pages of a deployment at GitHub, for notes: from the change, where its texts name what changed. Else GitHub is
 * asked, in one request; what cannot be read is a page less. It never fails.
 */
export async function briefLinks(
  step: BriefedStep,
  { environment, change, ask }: LinkQuestion
): Promise<BriefLinks> {
  if (environment === undefined) return []
  const { runtime } = step
  const place = { repositoryUrl: repositoryUrlOf(runtime), environment, commit: runtime.sha }
  const { links, complete } = recordedPages(place, change)
  if (complete || !ask || !isWanted(step)) return links
  const { readLinks } = await import(/* webpackChunkName: "brief" */ './read-brief.ts')
  return readLinks(step, environment)
}

function isWanted({ inputs, runtime }: BriefedStep): boolean {
  const wanted = inputs.changeBrief === 'auto' && inputs.githubToken !== undefined
  return wanted && runtime.repository !== '' && runtime.sha !== ''
}
