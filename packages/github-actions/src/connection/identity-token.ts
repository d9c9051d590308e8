import { clientProblem } from '@change-actions/servicenow-client'
import type { StepTools } from '../step/run-step.ts'
import type { Env } from '../step/runtime.ts'
import type { ConnectionValues } from './credentials.ts'

/** The variables that the runner sets for a job with the permission `id-token: write`. */
function requestOf({
  ACTIONS_ID_TOKEN_REQUEST_URL: url = '',
  ACTIONS_ID_TOKEN_REQUEST_TOKEN: token = ''
}: Env) {
  return URL.canParse(url) && token !== '' ? { url, token } : undefined
}

/** What is missing for a sign-in with GitHub's identity token; found before the first request. */
export function identityTokenProblems({ oidcAudience }: ConnectionValues, env: Env): string[] {
  if (oidcAudience === undefined || requestOf(env) !== undefined) return []
  return [
    "`oidc-audience` needs GitHub's identity token, and this job may not request one: add `id-token: write` to the `permissions:` of the job, and of each workflow that calls it. Runs of pull requests from forks never get one"
  ]
}

/**
 * A fresh identity token of this job. What talks to GitHub is loaded here.
 *
 * @throws Problem `identity-token`
 */
export async function fetchIdentityToken(
  audience: string,
  { env, mask, now, sleep }: Pick<StepTools, 'env' | 'mask' | 'now' | 'sleep'>
): Promise<string> {
  const request = requestOf(env)
  if (request === undefined) throw new Error('fetchIdentityToken() needs checked inputs')
  mask(request.token)
  const { isGitHubProblem, requestIdentityToken } = await import(
    /* webpackChunkName: "github" */ '@change-actions/github-api'
  )
  try {
    return await requestIdentityToken({ ...request, audience, now, sleep })
  } catch (error) {
    if (!isGitHubProblem(error)) throw error
    const { operation, status, message } = error.facts
    const { temporary, afterMs } = error.retry
    throw clientProblem(
      'identity-token',
      { operation, status, message },
      { temporary, afterMs, cause: error }
    )
  }
}
