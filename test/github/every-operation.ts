/** One call of each operation, for `operations.test.ts`. */
import type { AppHandle, InstallationHandle } from './github.ts'
import type { Stage } from './kit.ts'

/** Every right that an operation needs. */
export const ALL = {
  actions: 'write',
  administration: 'write',
  checks: 'write',
  contents: 'write',
  deployments: 'write',
  issues: 'write',
  pull_requests: 'write',
  statuses: 'write'
} as const

const R = '/repos/{owner}/{repo}'

/** An App that may do everything, and its installation: the operations are called with their tokens. */
export interface Caller {
  readonly app: AppHandle
  readonly installation: InstallationHandle
}

/** Route, parameters and status of each operation; what the earlier ones made is there for the later ones. */
export function calls(
  { shop, github }: Stage,
  { app, installation }: Caller
): Record<string, [string, Record<string, unknown>, number]> {
  shop.environment('production', { rules: [app] })
  const sha = shop.sha()
  const waiting = shop.run('deploy.yml').finish('build')
  const reviewed = shop.environment('reviewed', { reviewers: ['anna'] }).record.environments.get('reviewed')
  shop.commit({
    files: { '.github/workflows/reviewed.yml': 'on: push\njobs:\n  a: { environment: reviewed }\n' }
  })
  const forReview = shop.run('reviewed.yml')
  const done = shop.run('check.yml').finish('check', 'success', { skips: ['deploy'] })
  const failed = shop.run('check.yml').finish('check', 'failure')
  const full = shop.run('check.yml').finish('check', 'failure')
  const old = shop.run('check.yml').finish('check', 'failure')
  const running = shop.run('check.yml')
  shop.branch('feature').commit({ branch: 'feature', files: { 'a.txt': 'a' }, message: 'Add a' })
  const pull = shop.pull({
    title: 'Add a',
    head: 'feature',
    reviews: [{ by: 'anna', state: 'APPROVED' }],
    merge: true
  })
  shop.tag('v1').status('main', 'ci', 'success').check('main', 'lint', 'success')
  const [deployment] = shop.deployments
  const otherApp = github.app('other', {})
  otherApp.install('acme')
  const rule = shop.record.environments.get('production')?.rules[0]
  const comment = { id: 900_000, issue: 1, user: app.app.bot, at: 0, updatedAt: 0, body: 'a' }
  shop.record.comments.push(comment)
  const [check] = shop.record.checks
  const own = { ...check, id: 900_001, app: app.app } as NonNullable<typeof check>
  shop.record.checks.push(own)
  const env = { environment_name: 'production' }
  return {
    'apps/get-authenticated': ['GET /app', {}, 200],
    'apps/list-installations': ['GET /app/installations', {}, 200],
    'apps/get-installation': [
      'GET /app/installations/{installation_id}',
      { installation_id: installation.id },
      200
    ],
    'apps/get-org-installation': ['GET /orgs/{org}/installation', { org: 'acme' }, 200],
    'apps/get-repo-installation': [`GET ${R}/installation`, {}, 200],
    'apps/create-installation-access-token': [
      'POST /app/installations/{installation_id}/access_tokens',
      { installation_id: installation.id },
      201
    ],
    'apps/list-repos-accessible-to-installation': ['GET /installation/repositories', {}, 200],
    'rate-limit/get': ['GET /rate_limit', {}, 404],
    'users/get-authenticated': ['GET /user', {}, 200],
    'repos/get': [`GET ${R}`, {}, 200],
    'repos/get-collaborator-permission-level': [
      `GET ${R}/collaborators/{username}/permission`,
      { username: 'anna' },
      200
    ],
    'repos/get-content': [`GET ${R}/contents/{path}`, { path: '.github/workflows/deploy.yml' }, 200],
    'repos/get-commit': [`GET ${R}/commits/{ref}`, { ref: 'main' }, 200],
    'repos/list-commits': [`GET ${R}/commits`, {}, 200],
    'repos/compare-commits-with-basehead': [
      `GET ${R}/compare/{basehead}`,
      { basehead: `${sha}...main` },
      200
    ],
    'repos/list-branches': [`GET ${R}/branches`, {}, 200],
    'repos/get-branch': [`GET ${R}/branches/{branch}`, { branch: 'main' }, 200],
    'repos/list-tags': [`GET ${R}/tags`, {}, 200],
    'git/create-ref': [`POST ${R}/git/refs`, { ref: 'refs/heads/made', sha }, 201],
    'repos/create-or-update-file-contents': [
      `PUT ${R}/contents/{path}`,
      { path: 'made.txt', message: 'Add', content: 'YQ==', branch: 'made' },
      201
    ],
    'git/delete-ref': [`DELETE ${R}/git/refs/{ref}`, { ref: 'heads/made' }, 204],
    'git/get-ref': [`GET ${R}/git/ref/{ref}`, { ref: 'tags/v1' }, 200],
    'repos/get-all-environments': [`GET ${R}/environments`, {}, 200],
    'repos/get-environment': [
      `GET ${R}/environments/{environment_name}`,
      { environment_name: 'reviewed' },
      200
    ],
    'repos/create-or-update-environment': [
      `PUT ${R}/environments/{environment_name}`,
      {
        environment_name: 'new',
        wait_timer: 5,
        reviewers: [{ type: 'User', id: reviewed?.reviewers[0]?.id }],
        deployment_branch_policy: { protected_branches: true, custom_branch_policies: false }
      },
      200
    ],
    'repos/list-deployment-branch-policies': [
      `GET ${R}/environments/{environment_name}/deployment-branch-policies`,
      env,
      200
    ],
    'repos/get-all-deployment-protection-rules': [
      `GET ${R}/environments/{environment_name}/deployment_protection_rules`,
      env,
      200
    ],
    'repos/create-deployment-protection-rule': [
      `POST ${R}/environments/{environment_name}/deployment_protection_rules`,
      { ...env, integration_id: otherApp.id },
      201
    ],
    'repos/list-custom-deployment-rule-integrations': [
      `GET ${R}/environments/{environment_name}/deployment_protection_rules/apps`,
      env,
      200
    ],
    'repos/get-custom-deployment-protection-rule': [
      `GET ${R}/environments/{environment_name}/deployment_protection_rules/{protection_rule_id}`,
      { ...env, protection_rule_id: rule?.id },
      200
    ],
    'actions/list-repo-workflows': [`GET ${R}/actions/workflows`, {}, 200],
    'actions/get-workflow': [`GET ${R}/actions/workflows/{workflow_id}`, { workflow_id: 'deploy.yml' }, 200],
    'actions/list-workflow-runs': [
      `GET ${R}/actions/workflows/{workflow_id}/runs`,
      { workflow_id: 'deploy.yml' },
      200
    ],
    'actions/list-workflow-runs-for-repo': [`GET ${R}/actions/runs`, { status: 'waiting' }, 200],
    'actions/get-workflow-run': [`GET ${R}/actions/runs/{run_id}`, { run_id: waiting.id }, 200],
    'actions/get-workflow-run-attempt': [
      `GET ${R}/actions/runs/{run_id}/attempts/{attempt_number}`,
      { run_id: waiting.id, attempt_number: 1 },
      200
    ],
    'actions/list-jobs-for-workflow-run': [
      `GET ${R}/actions/runs/{run_id}/jobs`,
      { run_id: waiting.id },
      200
    ],
    'actions/list-jobs-for-workflow-run-attempt': [
      `GET ${R}/actions/runs/{run_id}/attempts/{attempt_number}/jobs`,
      { run_id: waiting.id, attempt_number: 1 },
      200
    ],
    'actions/get-job-for-workflow-run': [
      `GET ${R}/actions/jobs/{job_id}`,
      { job_id: waiting.job('build').id },
      200
    ],
    'actions/get-pending-deployments-for-run': [
      `GET ${R}/actions/runs/{run_id}/pending_deployments`,
      { run_id: forReview.id },
      200
    ],
    'actions/review-custom-gates-for-run': [
      `POST ${R}/actions/runs/{run_id}/deployment_protection_rule`,
      { run_id: waiting.id, ...env, state: 'approved', comment: 'CHG1' },
      204
    ],
    'actions/review-pending-deployments-for-run': [
      `POST ${R}/actions/runs/{run_id}/pending_deployments`,
      { run_id: forReview.id, environment_ids: [reviewed?.id], state: 'approved', comment: 'ok' },
      200
    ],
    'actions/get-reviews-for-run': [
      `GET ${R}/actions/runs/{run_id}/approvals`,
      { run_id: forReview.id },
      200
    ],
    'actions/re-run-workflow': [`POST ${R}/actions/runs/{run_id}/rerun`, { run_id: full.id }, 201],
    'actions/re-run-workflow-failed-jobs': [
      `POST ${R}/actions/runs/{run_id}/rerun-failed-jobs`,
      { run_id: failed.id },
      201
    ],
    'actions/re-run-job-for-workflow-run': [
      `POST ${R}/actions/jobs/{job_id}/rerun`,
      { job_id: done.job('check').id },
      201
    ],
    'actions/delete-workflow-run': [`DELETE ${R}/actions/runs/{run_id}`, { run_id: old.id }, 204],
    'actions/cancel-workflow-run': [`POST ${R}/actions/runs/{run_id}/cancel`, { run_id: running.id }, 202],
    'actions/create-workflow-dispatch': [
      `POST ${R}/actions/workflows/{workflow_id}/dispatches`,
      {
        workflow_id: 'deploy.yml',
        ref: 'main',
        inputs: { 'change-number': 'CHG1' },
        return_run_details: true
      },
      200
    ],
    'repos/create-dispatch-event': [
      `POST ${R}/dispatches`,
      { event_type: 'go', client_payload: { a: 1 } },
      204
    ],
    'repos/list-deployments': [`GET ${R}/deployments`, {}, 200],
    'repos/get-deployment': [`GET ${R}/deployments/{deployment_id}`, { deployment_id: deployment?.id }, 200],
    'repos/create-deployment': [
      `POST ${R}/deployments`,
      { ref: 'v1', environment: 'staging', payload: { a: 1 } },
      201
    ],
    'repos/create-deployment-status': [
      `POST ${R}/deployments/{deployment_id}/statuses`,
      {
        deployment_id: deployment?.id,
        state: 'success',
        description: 'done',
        log_url: 'https://example.com'
      },
      201
    ],
    'repos/list-deployment-statuses': [
      `GET ${R}/deployments/{deployment_id}/statuses`,
      { deployment_id: deployment?.id },
      200
    ],
    'pulls/list': [`GET ${R}/pulls`, { state: 'all' }, 200],
    'pulls/get': [`GET ${R}/pulls/{pull_number}`, { pull_number: pull.number }, 200],
    'pulls/list-reviews': [`GET ${R}/pulls/{pull_number}/reviews`, { pull_number: pull.number }, 200],
    'pulls/list-files': [`GET ${R}/pulls/{pull_number}/files`, { pull_number: pull.number }, 200],
    'repos/list-pull-requests-associated-with-commit': [
      `GET ${R}/commits/{commit_sha}/pulls`,
      { commit_sha: pull.head.sha },
      200
    ],
    'issues/create-comment': [
      `POST ${R}/issues/{issue_number}/comments`,
      { issue_number: 1, body: 'Hello' },
      201
    ],
    'issues/list-comments': [`GET ${R}/issues/{issue_number}/comments`, { issue_number: 1 }, 200],
    'issues/get-comment': [`GET ${R}/issues/comments/{comment_id}`, { comment_id: comment.id }, 200],
    'issues/update-comment': [
      `PATCH ${R}/issues/comments/{comment_id}`,
      { comment_id: comment.id, body: 'Bye' },
      200
    ],
    'checks/create': [
      `POST ${R}/check-runs`,
      { name: 'change', head_sha: sha, conclusion: 'success', output: { title: 'a', summary: 'b' } },
      201
    ],
    'checks/get': [`GET ${R}/check-runs/{check_run_id}`, { check_run_id: own.id }, 200],
    'checks/list-for-ref': [`GET ${R}/commits/{ref}/check-runs`, { ref: sha }, 200],
    'checks/update': [
      `PATCH ${R}/check-runs/{check_run_id}`,
      { check_run_id: own.id, conclusion: 'failure' },
      200
    ],
    'repos/get-combined-status-for-ref': [`GET ${R}/commits/{ref}/status`, { ref: 'main' }, 200],
    'repos/delete-an-environment': [
      `DELETE ${R}/environments/{environment_name}`,
      { environment_name: 'new' },
      204
    ],
    'repos/disable-deployment-protection-rule': [
      `DELETE ${R}/environments/{environment_name}/deployment_protection_rules/{protection_rule_id}`,
      { ...env, protection_rule_id: rule?.id },
      204
    ],
    'apps/revoke-installation-access-token': ['DELETE /installation/token', {}, 204]
  }
}
