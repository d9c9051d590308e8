/** The comment on the pull request: one for each preview, kept up to date by whichever run is the latest. */
import { createHash } from 'node:crypto'
import { formatPreviewMark, type PreviewMark, parsePreviewMark } from '@change-actions/change-control'
import type { GitHub } from '@change-actions/github-actions/github'
import type { IssueComment, IssueName } from '@change-actions/github-api'

/** Which preview it is: another policy, other environments or another instance have a comment of their own. */
export function previewKey(policyFile: string, environments: readonly string[], instance: string): string {
  const names = JSON.stringify(environments.map(name => name.toLowerCase()).sort())
  const facts = JSON.stringify(['preview', policyFile, names, instance])
  return createHash('sha256').update(facts).digest('hex').slice(0, 16)
}

export interface Published {
  /** Of the comment. */
  readonly url: string
  /** A later run wrote it, and it was left as it is. */
  readonly kept: boolean
}

interface Marked extends IssueComment {
  readonly mark: PreviewMark
}

/**
 * Writes the comment, or writes it anew. Two runs that began at the same time may each add one: the later of the two
 * comments then points to the other one.
 *
 * @param text without the marker
 * @throws GitHubProblem
 */
export async function publishComment(
  github: GitHub,
  { issue, mark }: { readonly issue: IssueName; readonly mark: PreviewMark },
  text: string
): Promise<Published> {
  const { octokit, send } = github
  const api = await import(/* webpackChunkName: "github" */ '@change-actions/github-api')
  const login = await send(() => api.ownLogin(octokit))
  const body = `${formatPreviewMark(mark)}\n${text}`
  const find = async (): Promise<readonly Marked[]> =>
    (await api.commentsOf(octokit, issue, login)).flatMap(markedWith(mark.key))
  const ours = async () => (await find()).filter(one => isSame(one.mark, mark))
  const change = async (comment: Marked): Promise<Published> => {
    if (isLater(comment.mark, mark)) return { url: comment.url, kept: true }
    const written = async () => (await ours()).find(({ id }) => id === comment.id)
    const { url } = await send(() => api.changeComment(octokit, issue, comment.id, body), written)
    return { url, kept: false }
  }
  const [first] = await send(find)
  if (first !== undefined) return change(first)
  const added = await send(
    () => api.addComment(octokit, issue, body),
    async () => (await ours())[0]
  )
  const [oldest] = await send(find)
  if (oldest === undefined || oldest.id === added.id) return { url: added.url, kept: false }
  const published = await change(oldest)
  const pointer = `The preview of the change is in [another comment](${oldest.url}).`
  await send(
    () => api.changeComment(octokit, issue, added.id, pointer),
    async () => undefined
  )
  return published
}

function markedWith(key: string) {
  return (comment: IssueComment): Marked[] => {
    const mark = parsePreviewMark(comment.body)
    return mark?.key === key ? [{ ...comment, mark }] : []
  }
}

function isSame(a: PreviewMark, b: PreviewMark): boolean {
  return a.runId === b.runId && a.attempt === b.attempt
}

/** Run ids of GitHub grow. */
function isLater(a: PreviewMark, b: PreviewMark): boolean {
  return a.runId > b.runId || (a.runId === b.runId && a.attempt > b.attempt)
}
