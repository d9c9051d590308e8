/** GitHub for many deployments: the stand-in with its limits, and a light one for long times. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { type GithubOptions, startGithub } from '../../../../test/github/github.ts'
import { DEPLOY } from '../../../../test/github/kit.ts'
import type { RunHandle } from '../../../../test/github/run-handle.ts'
import type { PlayedGitHub } from './many.ts'

/** Names of repositories. */
export function repositories(count: number): readonly string[] {
  return Array.from({ length: count }, (_, n) => `acme/service-${n}`)
}

/** The stand-in of test/github, with the default limits unless others are given. */
export async function limitedGitHub(
  names: readonly string[],
  now: () => number,
  rateLimits: GithubOptions['rateLimits'] = {}
): Promise<PlayedGitHub> {
  const github = await startGithub({ now, rateLimits })
  const app = github.app('latch', { actions: 'read', deployments: 'write' })
  for (const name of names) {
    const files = { '.github/workflows/deploy.yml': DEPLOY }
    github.repository(name, { files }).environment('production', { rules: [app] })
  }
  const installation = app.install('acme')
  const runs = new Map<number, RunHandle>()
  return {
    url: github.url,
    requests: () => github.requests.length,
    token: () => installation.token(),
    ask: repository => {
      const run = github.repository(repository).run('deploy.yml').finish('build')
      runs.set(run.id, run)
      return run
    },
    end: (_, id) => void runs.get(id)?.cancel(),
    decisions: () =>
      github.requests
        .filter(one => one.operationId === 'actions/review-custom-gates-for-run' && one.committed)
        .map(({ path, at }) => ({ runId: Number(/runs\/(\d+)/.exec(path)?.[1]), at })),
    stop: () => github.stop()
  }
}

/** Counts what it is asked, and knows which runs wait. It has no limits and checks nothing. */
export async function lightGitHub(names: readonly string[], now: () => number): Promise<PlayedGitHub> {
  const waiting = new Set<number>()
  const over = new Set<number>()
  const decisions: { runId: number; at: number }[] = []
  let asked = 0
  let last = 0
  const server = createServer(async (incoming, outgoing) => {
    const body = await buffer(incoming)
    asked += 1
    const url = new URL(incoming.url ?? '', 'http://127.0.0.1')
    const runId = Number(/runs\/(\d+)/.exec(url.pathname)?.[1])
    const send = (value: unknown, headers = {}) =>
      void outgoing
        .writeHead(200, { 'content-type': 'application/json', ...headers })
        .end(JSON.stringify(value))
    if (url.pathname === '/installation/repositories') {
      const page = Number(url.searchParams.get('page') ?? 1)
      const listed = names.slice((page - 1) * 100, page * 100).map(name => {
        const [login = '', repo = ''] = name.split('/')
        return { name: repo, owner: { login } }
      })
      const next = `<http://${incoming.headers.host}/installation/repositories?per_page=100&page=${page + 1}>; rel="next"`
      const more = page * 100 < names.length ? { link: next } : {}
      send({ total_count: names.length, repositories: listed }, more)
    } else if (url.pathname.endsWith('/pending_deployments'))
      send(waiting.has(runId) ? [{ environment: { name: 'production' } }] : [])
    else if (url.pathname.endsWith('/approvals')) send([])
    else if (url.pathname.endsWith(`/runs/${runId}`)) send(runView(runId, over.has(runId), now()))
    else if (url.pathname.endsWith('/deployment_protection_rule') && body.length > 0) {
      waiting.delete(runId)
      decisions.push({ runId, at: now() })
      outgoing.writeHead(204).end()
    } else outgoing.writeHead(501).end()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: () => asked,
    token: () => 'ghs_0f_the_installation',
    ask: () => {
      last += 1
      waiting.add(last)
      return { id: last, attempt: 1, sha: last.toString(16).padStart(40, '0') }
    },
    end: (_, id) => {
      waiting.delete(id)
      over.add(id)
    },
    decisions: () => decisions,
    stop: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
  }
}

function runView(id: number, isOver: boolean, now: number): object {
  const at = new Date(now).toISOString()
  return {
    id,
    run_attempt: 1,
    status: isOver ? 'completed' : 'in_progress',
    conclusion: isOver ? 'cancelled' : null,
    head_sha: id.toString(16).padStart(40, '0'),
    path: '.github/workflows/deploy.yml',
    head_branch: 'main',
    created_at: at,
    updated_at: at,
    display_title: 'Deploy'
  }
}
