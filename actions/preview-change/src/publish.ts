/** Where the preview is read: the comment of the pull request, or a check run of its commit. */
import { harmless, type Step } from '@change-actions/github-actions'
import { stepProblem } from '@change-actions/github-actions/change'
import { type GitHub, gitHubOf, nameOf, reasonOf } from '@change-actions/github-actions/github'
import { previewKey, publishComment } from './comment.ts'
import { fitted } from './fit.ts'
import type { PreviewInputs } from './inputs.ts'
import type { PullRequest } from './pull-request.ts'
import type { PreviewText } from './text.ts'
import { mistakesOf, namesOf, type Preview } from './types.ts'

const NAME = 'ServiceNow change preview'

/** What is published, and where. */
export interface Publication {
  readonly preview: Preview
  readonly text: PreviewText
  readonly pull: PullRequest
  /** Of the instance. */
  readonly instance: string
}

/** @throws Problem `preview-not-posted` */
export async function publish(step: Step<PreviewInputs>, publication: Publication): Promise<void> {
  const { comment, githubToken } = step.inputs
  if (githubToken === undefined) return withoutToken(step)
  const github = await gitHubOf(step)
  if (comment) await writeComment(step, github, publication)
  else await writeCheckRun(step, github, publication)
}

function withoutToken({ inputs, log }: Step<PreviewInputs>): void {
  if (inputs.comment)
    throw stepProblem('preview-not-posted', { where: 'comment', reason: 'there is no token' })
  log.info('No check run: there is no token.')
}

async function writeComment(
  step: Step<PreviewInputs>,
  github: GitHub,
  { text, pull, instance }: Publication
): Promise<void> {
  const { runtime, inputs, outputs, log, redact } = step
  const key = previewKey(inputs.policyFile ?? '', inputs.environments, instance)
  const mark = { key, runId: Number(runtime.runId), attempt: Number(runtime.runAttempt) || 1 }
  const issue = { ...nameOf(runtime.repository), number: pull.number }
  const body = harmless(redact(`## ${NAME}\n\n${fitted(text, runtime.runUrl)}`))
  try {
    const { url, kept } = await publishComment(github, { issue, mark }, body)
    outputs.set('comment-url', url)
    log.info(kept ? `A later run has written the comment: ${url}` : `The comment is ${url}`)
  } catch (error) {
    if (!github.isProblem(error)) throw error
    const refused = error.code === 'no-permission' || error.code === 'not-found'
    if (pull.restricted === undefined || !refused)
      throw stepProblem('preview-not-posted', { where: 'comment', reason: reasonOf(error) })
    log.notice(
      'No comment: GitHub gives the runs of this pull request a token that only reads. The preview is in the summary.'
    )
  }
}

/** Who forbids comments need not allow check runs either. */
async function writeCheckRun(
  { runtime, inputs, log, redact }: Step<PreviewInputs>,
  github: GitHub,
  { preview, text, pull, instance }: Publication
): Promise<void> {
  const { octokit, send } = github
  const { writeCheck } = await import(/* webpackChunkName: "github" */ '@change-actions/github-api')
  const check = {
    name: NAME,
    commit: pull.commit,
    externalId: previewKey(inputs.policyFile ?? '', inputs.environments, instance),
    ...verdictOf(preview),
    summary: harmless(redact(fitted(text, runtime.runUrl))),
    detailsUrl: runtime.runUrl
  }
  // Written twice it is still one: the newest of a name is the one that is shown.
  const again = async () => undefined
  try {
    const url = await send(() => writeCheck(octokit, nameOf(runtime.repository), check), again)
    log.info(`The check run is ${url}`)
  } catch (error) {
    if (!github.isProblem(error)) throw error
    if (error.code !== 'no-permission' && error.code !== 'not-found')
      throw stepProblem('preview-not-posted', { where: 'check run', reason: reasonOf(error) })
    log.info(`No check run: the token has no permission checks: write (${reasonOf(error)})`)
  }
}

function verdictOf(preview: Preview) {
  const [mistakes, names] = [mistakesOf(preview).length, namesOf(preview).length]
  const changes = preview.environments.filter(({ kind }) => kind === 'change').length
  if (mistakes > 0) return { conclusion: 'failure', title: 'The policy would stop deployments' } as const
  if (names > 0) return { conclusion: 'neutral', title: `Names to correct: ${names}` } as const
  if (preview.policy === undefined) return { conclusion: 'neutral', title: 'No policy' } as const
  return { conclusion: 'success', title: `Environments with a change: ${changes}` } as const
}
