/**
 * Which right each operation needs, as GitHub's pages of the operations have it. Those of changing environments and
 * their rules are from memory.
 */
import type { Level } from './state.ts'

/** A right; a list: any of them is enough. */
export type Right = `${string}:${Level}`
export type Requirement =
  /** Anybody with a token. */
  | 'token'
  /** The App itself, by its JWT. */
  | 'app'
  /** An installation token. */
  | 'installation'
  /** A person's token. */
  | 'user'
  | readonly Right[]

const ACTIONS_READ = ['actions:read'] as const
const ACTIONS_WRITE = ['actions:write'] as const
const CONTENTS_READ = ['contents:read'] as const
const CONTENTS_WRITE = ['contents:write'] as const
const DEPLOYMENTS_READ = ['deployments:read'] as const
const DEPLOYMENTS_WRITE = ['deployments:write'] as const
const ADMIN = ['administration:write'] as const
const METADATA = ['metadata:read'] as const
const CHECKS_READ = ['checks:read'] as const
const CHECKS_WRITE = ['checks:write'] as const
const PULLS_READ = ['pull_requests:read'] as const
const COMMENTS_READ = ['issues:read', 'pull_requests:read'] as const
const COMMENTS_WRITE = ['issues:write', 'pull_requests:write'] as const
const STATUSES_READ = ['statuses:read'] as const

export const REQUIREMENTS: Readonly<Record<string, Requirement>> = {
  'actions/cancel-workflow-run': ACTIONS_WRITE,
  'actions/create-workflow-dispatch': ACTIONS_WRITE,
  'actions/delete-workflow-run': ACTIONS_WRITE,
  'actions/get-job-for-workflow-run': ACTIONS_READ,
  'actions/get-pending-deployments-for-run': ACTIONS_READ,
  'actions/get-reviews-for-run': ACTIONS_READ,
  'actions/get-workflow': ACTIONS_READ,
  'actions/get-workflow-run': ACTIONS_READ,
  'actions/get-workflow-run-attempt': ACTIONS_READ,
  'actions/list-jobs-for-workflow-run': ACTIONS_READ,
  'actions/list-jobs-for-workflow-run-attempt': ACTIONS_READ,
  'actions/list-repo-workflows': ACTIONS_READ,
  'actions/list-workflow-runs': ACTIONS_READ,
  'actions/list-workflow-runs-for-repo': ACTIONS_READ,
  'actions/re-run-job-for-workflow-run': ACTIONS_WRITE,
  'actions/re-run-workflow': ACTIONS_WRITE,
  'actions/re-run-workflow-failed-jobs': ACTIONS_WRITE,
  'actions/review-custom-gates-for-run': DEPLOYMENTS_WRITE,
  'actions/review-pending-deployments-for-run': DEPLOYMENTS_WRITE,
  'apps/create-installation-access-token': 'app',
  'apps/get-authenticated': 'app',
  'apps/get-installation': 'app',
  'apps/get-org-installation': 'app',
  'apps/get-repo-installation': 'app',
  'apps/list-installations': 'app',
  'apps/list-repos-accessible-to-installation': 'installation',
  'apps/revoke-installation-access-token': 'installation',
  'checks/create': CHECKS_WRITE,
  'checks/get': CHECKS_READ,
  'checks/list-for-ref': CHECKS_READ,
  'checks/update': CHECKS_WRITE,
  'git/create-ref': CONTENTS_WRITE,
  'git/delete-ref': CONTENTS_WRITE,
  'git/get-ref': CONTENTS_READ,
  'issues/create-comment': COMMENTS_WRITE,
  'issues/get-comment': COMMENTS_READ,
  'issues/list-comments': COMMENTS_READ,
  'issues/update-comment': COMMENTS_WRITE,
  'pulls/get': PULLS_READ,
  'pulls/list': PULLS_READ,
  'pulls/list-files': PULLS_READ,
  'pulls/list-reviews': PULLS_READ,
  'rate-limit/get': 'token',
  'repos/compare-commits-with-basehead': CONTENTS_READ,
  'repos/create-deployment': DEPLOYMENTS_WRITE,
  'repos/create-deployment-protection-rule': ADMIN,
  'repos/create-deployment-status': DEPLOYMENTS_WRITE,
  'repos/create-dispatch-event': CONTENTS_WRITE,
  'repos/create-or-update-environment': ADMIN,
  'repos/create-or-update-file-contents': CONTENTS_WRITE,
  'repos/delete-an-environment': ADMIN,
  'repos/disable-deployment-protection-rule': ADMIN,
  'repos/get': METADATA,
  'repos/get-all-deployment-protection-rules': ACTIONS_READ,
  'repos/get-all-environments': ACTIONS_READ,
  'repos/get-branch': CONTENTS_READ,
  'repos/get-collaborator-permission-level': METADATA,
  'repos/get-combined-status-for-ref': STATUSES_READ,
  'repos/get-commit': CONTENTS_READ,
  'repos/get-content': CONTENTS_READ,
  'repos/get-custom-deployment-protection-rule': ACTIONS_READ,
  'repos/get-deployment': DEPLOYMENTS_READ,
  'repos/get-environment': ACTIONS_READ,
  'repos/list-branches': CONTENTS_READ,
  'repos/list-commits': CONTENTS_READ,
  'repos/list-custom-deployment-rule-integrations': ['administration:read'],
  'repos/list-deployment-branch-policies': ACTIONS_READ,
  'repos/list-deployment-statuses': DEPLOYMENTS_READ,
  'repos/list-deployments': DEPLOYMENTS_READ,
  'repos/list-pull-requests-associated-with-commit': PULLS_READ,
  'repos/list-tags': METADATA,
  'users/get-authenticated': 'user'
}

const LEVELS: readonly Level[] = ['read', 'write', 'admin']

/** Whether one level includes another. */
export function includes(granted: Level | undefined, needed: Level): boolean {
  return granted !== undefined && LEVELS.indexOf(granted) >= LEVELS.indexOf(needed)
}

/** `['actions:read']` → `actions=read`, the form of `X-Accepted-GitHub-Permissions`. */
export function headerOf(rights: readonly Right[]): string {
  return rights.map(right => right.replace(':', '=')).join('; ')
}

/** `actions:read` → its two halves. */
export function halves(right: Right): { permission: string; level: Level } {
  const [permission = '', level = ''] = right.split(':')
  return { permission, level: level as Level }
}
