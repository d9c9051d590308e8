/** GitHub's pages of a deployment, for notes and the summary. */
import { recordedCompare } from '@change-actions/change-control'
import { type Change, fieldOf } from '@change-actions/servicenow-client'
import type { Runtime } from '../step/runtime.ts'

/** Names and addresses of pages at GitHub. */
export type BriefLinks = readonly (readonly [name: string, url: string])[]

/** A deployment, as its pages are addressed. */
export interface LinkPlace {
  /** The web address of the repository, without a slash at the end; '' where it is not known. */
  readonly repositoryUrl: string
  readonly environment: string
}

/** The web address of a run's repository; '' where it is not known. */
export function repositoryUrlOf({
  serverUrl,
  repository
}: Pick<Runtime, 'serverUrl' | 'repository'>): string {
  return serverUrl === '' || repository === '' ? '' : `${serverUrl}/${repository}`
}

/** The page of the environment's deployments, and of what changed, where that is known. */
export function pagesOf({ repositoryUrl, environment }: LinkPlace, compare: string | undefined): BriefLinks {
  if (repositoryUrl === '') return []
  return [
    ['Deployments', `${repositoryUrl}/deployments/${encodeURIComponent(environment)}`],
    ...(compare === undefined ? [] : [['Compare', compare] as const])
  ]
}

/** The same pages, as far as they are known without GitHub: what changed stands in the change's own texts. */
export function recordedPages(
  place: LinkPlace & { readonly commit: string },
  change: Change
): { readonly links: BriefLinks; readonly complete: boolean } {
  // The journal shows its newest entry first.
  const texts = ['work_notes', 'description'].map(name => fieldOf(change.fields, name).display)
  const { url, briefed } = recordedCompare(texts, place)
  return { links: pagesOf(place, url), complete: url !== undefined || briefed }
}
