import type { BriefLinks, BriefQuestion, BriefStep, ReadBrief } from './read-brief.ts'

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

/** The pages of a brief alone, in one request. */
export async function briefLinks(step: BriefedStep, environment: string | undefined): Promise<BriefLinks> {
  if (!isWanted(step) || environment === undefined) return []
  const { readLinks } = await import(/* webpackChunkName: "brief" */ './read-brief.ts')
  return readLinks(step, environment)
}

function isWanted({ inputs, runtime }: BriefedStep): boolean {
  const wanted = inputs.changeBrief === 'auto' && inputs.githubToken !== undefined
  return wanted && runtime.repository !== '' && runtime.sha !== ''
}
