export {
  type CheckResult,
  type CheckResults,
  type ChecksQuestion,
  checkResults
} from './brief/check-results.ts'
export { codeOwnersFile, type OwnersQuestion } from './brief/code-owners-file.ts'
export {
  type ComparedCommit,
  type Comparison,
  type ComparisonQuestion,
  comparedCommits
} from './brief/compared-commits.ts'
export {
  type DeployedBefore,
  type EnvironmentQuestion,
  lastDeployment,
  type SuccessfulDeployment
} from './brief/last-deployment.ts'
export { type MergedPull, type PullsQuestion, pullsOfCommits } from './brief/pull-requests.ts'
export { type CompletedCheck, writeCheck } from './check-runs.ts'
export { createGitHub, type GitHubEvent, type GitHubOptions } from './client.ts'
export {
  addComment,
  changeComment,
  commentsOf,
  type IssueComment,
  type IssueName
} from './comments.ts'
export { type DeploymentSpan, deploymentsOf, type RecordedDeployment } from './deployments.ts'
export { type FileAtCommit, type FileQuestion, fileAtCommit, isCommitId } from './file-at-commit.ts'
export { type FileAtCommitsQuestion, type FileInOneCommit, fileAtCommits } from './file-at-commits.ts'
export type { RequestEvent } from './guarded-fetch.ts'
export type { RequestNotes } from './hooks.ts'
export { type IdentityTokenOptions, requestIdentityToken } from './identity-token.ts'
export {
  checkContentsRight,
  checkWriteRight,
  type EnvironmentFacts,
  environmentFacts,
  ownLogin,
  repositoryName,
  type WriteRight,
  workflowText
} from './latches/check.ts'
export { decideRule, pendingEnvironments, type Review, reviewsOf } from './latches/protection-rule.ts'
export { commitOfRef, dispatchWorkflow, environmentNames, rerunJob } from './latches/restart.ts'
export {
  type CreatedBetween,
  dispatchedRuns,
  type JobFacts,
  latestJobs,
  type RunFacts,
  readRun,
  workflowFile
} from './latches/runs.ts'
export type { Octokit } from './octokit.ts'
export { type Listed, listAll } from './pages.ts'
export {
  type GitHubCode,
  type GitHubFacts,
  GitHubProblem,
  type GitHubProblemDetails,
  type GitHubProblems,
  isGitHubProblem,
  type PermissionFacts
} from './problem.ts'
export { installedRepositories, type RepositoryName } from './repositories.ts'
export { type Attempts, sendUntilDone } from './send-until-done.ts'
export { isRunCompleted, type RunQuestion, readRunCompleted } from './workflow-runs.ts'
