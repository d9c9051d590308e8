/** Tokens of the App: rights, ETags and claims. */

import { type Reply, wordsOf } from './api.ts'
import type { App } from './app.ts'
import { type Bench, makeEnvironment } from './bench.ts'
import type { Answer } from './report.ts'

export async function askTokens(bench: Bench, app: App): Promise<readonly Answer[]> {
  return [
    ...(await askRights(bench, app)),
    await askEtag(bench, app),
    await askClaims(bench, app),
    await askBypass(bench)
  ]
}

/** check-connection tells the rights of a token by such requests. */
async function askRights({ api, path }: Bench, app: App): Promise<readonly Answer[]> {
  const note = (token: string): Promise<Reply> =>
    api(`POST ${path}/actions/runs/0/deployment_protection_rule`, token, {
      body: { environment_name: 'servicenow-check', comment: 'Check' }
    })
  const seen = 'a note for run 0, which does not exist'
  const without = await note(await app.token({ actions: 'read' }))
  const accepted = without.headers.get('x-accepted-github-permissions') ?? 'not named'
  return [
    {
      question: 'What does a token without deployments: write get, before GitHub looks for the run?',
      answer: `${wordsOf(without)}; right: ${accepted}`,
      seen
    },
    {
      question: 'And a token that has it?',
      answer: wordsOf(await note(await app.token({ deployments: 'write' }))),
      seen
    }
  ]
}

async function askEtag({ api, path }: Bench, app: App): Promise<Answer> {
  const route = `GET ${path}/environments`
  const first = await api(route, await app.token())
  const etag = first.headers.get('etag') ?? ''
  const again = await api(route, await app.token(), { headers: { 'if-none-match': etag } })
  const answer =
    etag === '' ? 'there is no ETag' : again.status === 304 ? 'yes (304)' : `no (${again.status})`
  return {
    question: 'Does an ETag hold for a fresh token of the installation?',
    answer,
    seen: 'GET environments'
  }
}

async function askClaims({ now }: Bench, app: App): Promise<Answer> {
  const extra = await app.tryClaims({ jti: 'check', aud: 'https://github.com' })
  const future = await app.tryClaims({ iat: Math.floor(now() / 1000) + 120 })
  return {
    question: "Which claims may the App's JWT have?",
    answer: `jti and aud: ${wordsOf(extra)}; iat two minutes ahead: ${wordsOf(future)}`,
    seen: 'GET /app'
  }
}

async function askBypass(bench: Bench): Promise<Answer> {
  const { api, path, settings } = bench
  const name = await makeEnvironment(bench, 'plain')
  const { data } = await api(`GET ${path}/environments/${name}`, settings.token)
  return {
    question: 'Does GitHub say whether administrators may bypass the rules?',
    answer:
      data.can_admins_bypass === undefined ? 'no' : `yes: can_admins_bypass is ${data.can_admins_bypass}`,
    seen: 'GET environment'
  }
}
