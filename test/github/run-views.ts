/** The forms in which the API shows runs, jobs and workflows. */
import { commitOf } from './commits.ts'
import { conclusionOf, statusOf } from './jobs.ts'
import { type Attempt, type Job, latestAttempt, type Repository, type Run, type Workflow } from './state.ts'
import { nodeId, repositoryUrl, repositoryView, time, userView, type View } from './views.ts'
import { readWorkflow } from './workflows.ts'

function pageUrl(view: View, url: string): string {
  return url.replace(`${view.world.apiUrl}/repos`, view.world.serverUrl)
}

export function runUrl(view: View, run: Run): string {
  return `${repositoryUrl(view, run.repository)}/actions/runs/${run.id}`
}

function addresses(view: View, run: Run): Record<string, string> {
  const url = runUrl(view, run)
  return {
    url,
    html_url: pageUrl(view, url),
    jobs_url: `${url}/jobs`,
    logs_url: `${url}/logs`,
    artifacts_url: `${url}/artifacts`,
    cancel_url: `${url}/cancel`,
    rerun_url: `${url}/rerun`,
    workflow_url: `${repositoryUrl(view, run.repository)}/actions/workflows/${run.workflow.id}`
  }
}

function headCommit(run: Run): object | null {
  const commit = run.repository.commits.get(run.sha)
  if (commit === undefined) return null
  const person = { name: commit.author.login, email: `${commit.author.login}@example.com` }
  const { sha, message, at } = commit
  return { id: sha, tree_id: sha, message, timestamp: time(at), author: person, committer: person }
}

/** The run as it was in one attempt; the attempt's times, and the conclusion of its jobs. */
export function runView(view: View, run: Run, attempt: Attempt = latestAttempt(run)): object {
  const { world } = view
  const isTag = run.ref.startsWith('refs/tags/')
  return view.fill('workflow-run', {
    id: run.id,
    name: run.name,
    node_id: nodeId('WorkflowRun', run.id),
    head_branch: run.ref.replace(/^refs\/(heads|tags)\//, ''),
    head_sha: run.sha,
    path: isTag ? `${run.workflow.path}@${run.ref}` : run.workflow.path,
    run_number: run.number,
    run_attempt: attempt.number,
    display_title: run.title,
    event: run.event,
    status: statusOf(world, attempt),
    conclusion: conclusionOf(world, attempt),
    workflow_id: run.workflow.id,
    check_suite_id: run.id,
    check_suite_node_id: nodeId('CheckSuite', run.id),
    ...addresses(view, run),
    previous_attempt_url: attempt.number > 1 ? `${runUrl(view, run)}/attempts/${attempt.number - 1}` : null,
    pull_requests: [],
    created_at: time(run.createdAt),
    updated_at: time(attempt.updatedAt),
    run_started_at: time(attempt.startedAt),
    actor: userView(view, run.actor),
    triggering_actor: userView(view, attempt.actor),
    head_commit: headCommit(run),
    repository: repositoryView(view, run.repository),
    head_repository: repositoryView(view, run.repository)
  })
}

export function jobView(view: View, run: Run, job: Job): object {
  const base = repositoryUrl(view, run.repository)
  const url = `${base}/actions/jobs/${job.id}`
  return view.fill('job', {
    id: job.id,
    run_id: run.id,
    workflow_name: run.name,
    head_branch: run.ref.replace(/^refs\/(heads|tags)\//, ''),
    run_url: runUrl(view, run),
    run_attempt: job.attempt,
    node_id: nodeId('CheckRun', job.id),
    head_sha: run.sha,
    url,
    html_url: `${pageUrl(view, runUrl(view, run))}/job/${job.id}`,
    status: job.status === 'blocked' ? 'queued' : job.status,
    conclusion: job.conclusion,
    created_at: time(job.createdAt),
    started_at: time(job.startedAt ?? job.createdAt),
    completed_at: job.completedAt === undefined ? null : time(job.completedAt),
    name: job.name,
    steps: [],
    check_run_url: `${base}/check-runs/${job.id}`,
    labels: ['ubuntu-latest']
  })
}

export function workflowView(view: View, repository: Repository, workflow: Workflow): object {
  const head = repository.branches.get(repository.defaultBranch)
  const text = head === undefined ? undefined : commitOf(repository, head).files.get(workflow.path)
  const url = `${repositoryUrl(view, repository)}/actions/workflows/${workflow.id}`
  return view.fill('workflow', {
    id: workflow.id,
    node_id: nodeId('Workflow', workflow.id),
    name: text === undefined ? workflow.path : readWorkflow(workflow.path, text).name,
    path: workflow.path,
    state: 'active',
    created_at: time(repository.createdAt),
    updated_at: time(repository.createdAt),
    url,
    html_url: pageUrl(view, url)
  })
}
