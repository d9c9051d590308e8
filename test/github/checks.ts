/** Check runs and commit statuses. */
import type { ApiResponse, Call, Handler } from './call.ts'
import { requireRef } from './commits.ts'
import { page } from './paging.ts'
import { invalid, notFound, Refusal } from './refusal.ts'
import type { App, CheckRun, CommitStatus, Repository } from './state.ts'
import { appView, nodeId, ok, repositoryUrl, repositoryView, time, type View } from './views.ts'

function checkView(view: View, repository: Repository, check: CheckRun): object {
  const url = `${repositoryUrl(view, repository)}/check-runs/${check.id}`
  return view.fill('check-run', {
    id: check.id,
    node_id: nodeId('CheckRun', check.id),
    head_sha: check.sha,
    external_id: check.externalId,
    name: check.name,
    url,
    html_url: url,
    details_url: check.detailsUrl,
    status: check.status,
    conclusion: check.conclusion,
    started_at: time(check.at),
    completed_at: check.completedAt === null ? null : time(check.completedAt),
    output: { ...check.output, annotations_count: 0, annotations_url: `${url}/annotations` },
    check_suite: null,
    app: appView(view, check.app),
    pull_requests: []
  })
}

interface CheckBody {
  readonly name?: string
  readonly head_sha?: string
  readonly status?: string
  readonly conclusion?: string
  readonly details_url?: string
  readonly external_id?: string
  readonly output?: { readonly title?: string; readonly summary?: string; readonly text?: string }
}

/** Documented length of summary and text of a check run. */
const MAX_OUTPUT = 65_535

/** Only Apps write check runs. */
function appOf(call: Call): App {
  if (call.caller.kind === 'job') return call.world.actions
  const app = call.caller.kind === 'installation' ? call.caller.token.installation?.app : undefined
  if (app === undefined) throw new Refusal(403, 'You must authenticate via a GitHub App.')
  return app
}

function apply(call: Call, check: CheckRun, body: CheckBody): void {
  const { output } = body
  if ([output?.summary, output?.text].some(text => (text?.length ?? 0) > MAX_OUTPUT))
    throw invalid('Invalid request.\n\nOnly 65535 characters are allowed.')
  if (output)
    check.output = { title: output.title ?? null, summary: output.summary ?? null, text: output.text ?? null }
  if (body.name !== undefined) check.name = body.name
  if (body.details_url !== undefined) check.detailsUrl = body.details_url
  if (body.external_id !== undefined) check.externalId = body.external_id
  if (body.status !== undefined) check.status = body.status
  if (body.conclusion !== undefined) {
    check.conclusion = body.conclusion
    check.status = 'completed'
    check.completedAt = call.world.now()
  }
}

function create(call: Call): ApiResponse {
  const body = call.body as CheckBody
  const commit = call.repository.commits.get(body.head_sha ?? '')
  if (commit === undefined) throw invalid(`No commit found for SHA: ${body.head_sha}`)
  const check: CheckRun = {
    id: call.world.nextId(),
    sha: commit.sha,
    app: appOf(call),
    at: call.world.now(),
    name: body.name ?? '',
    status: 'queued',
    conclusion: null,
    output: { title: null, summary: null, text: null },
    detailsUrl: null,
    externalId: '',
    completedAt: null
  }
  apply(call, check, body)
  call.repository.checks.push(check)
  return { status: 201, body: checkView(call, call.repository, check) }
}

function requireCheck(call: Call): CheckRun {
  const found = call.repository.checks.find(({ id }) => id === call.id('check_run_id'))
  if (found === undefined) throw notFound()
  return found
}

function list(call: Call): ApiResponse {
  const { query, repository } = call
  const { sha } = requireRef(repository, call.param('ref'))
  const all = repository.checks.filter(
    one =>
      one.sha === sha &&
      (!query.has('check_name') || one.name === query.get('check_name')) &&
      (!query.has('status') || one.status === query.get('status')) &&
      (!query.has('app_id') || String(one.app.id) === query.get('app_id'))
  )
  const latest =
    query.get('filter') === 'all'
      ? all
      : all.filter(one => all.findLast(other => other.name === one.name && other.app === one.app) === one)
  const { items, headers } = page(call, latest)
  return ok(
    { total_count: latest.length, check_runs: items.map(one => checkView(call, repository, one)) },
    headers
  )
}

function statusView(view: View, repository: Repository, status: CommitStatus): object {
  return view.fill('simple-commit-status', {
    id: status.id,
    node_id: nodeId('Status', status.id),
    state: status.state,
    context: status.context,
    description: status.description,
    url: `${repositoryUrl(view, repository)}/statuses/${status.sha}`,
    target_url: null,
    created_at: time(status.at),
    updated_at: time(status.at)
  })
}

/** The newest status of each context; together `failure`, `pending` or `success`. */
function combined(call: Call): ApiResponse {
  const { repository } = call
  const { sha } = requireRef(repository, call.param('ref'))
  const latest = new Map(repository.statuses.filter(one => one.sha === sha).map(one => [one.context, one]))
  const all = [...latest.values()]
  const has = (...states: string[]) => all.some(({ state }) => states.includes(state))
  const state = has('error', 'failure')
    ? 'failure'
    : all.length === 0 || has('pending')
      ? 'pending'
      : 'success'
  const { items, headers } = page(call, all)
  const url = `${repositoryUrl(call, repository)}/commits/${sha}`
  const statuses = items.map(one => statusView(call, repository, one))
  const body = {
    state,
    statuses,
    sha,
    total_count: all.length,
    repository: repositoryView(call, repository),
    commit_url: url,
    url: `${url}/status`
  }
  return ok(body, headers)
}

export const checkHandlers: Readonly<Record<string, Handler>> = {
  'checks/create': create,
  'checks/get': call => ok(checkView(call, call.repository, requireCheck(call))),
  'checks/update': call => {
    const check = requireCheck(call)
    if (check.app !== appOf(call)) throw new Refusal(403, 'Invalid app_id')
    apply(call, check, call.body as CheckBody)
    return ok(checkView(call, call.repository, check))
  },
  'checks/list-for-ref': list,
  'repos/get-combined-status-for-ref': combined
}
