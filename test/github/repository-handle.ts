/** A repository as tests build it. */
import { commitOf, commitTo, fullRef, resolveRef } from './commits.ts'
import { ensureEnvironment } from './environments.ts'
import { type RunHandle, runHandle } from './run-handle.ts'
import { createRun } from './runs.ts'
import type {
  App,
  CommitStatus,
  Deployment,
  Environment,
  Level,
  Pull,
  Repository,
  Review,
  Team,
  World
} from './state.ts'
import { findWorkflow } from './workflows.ts'
import { userNamed } from './world.ts'

export interface EnvironmentSpec {
  /** Logins, and teams as `Team` records. */
  readonly reviewers?: readonly (string | Team)[]
  readonly preventSelfReview?: boolean
  readonly waitMinutes?: number
  /** Apps whose rule is enabled. */
  readonly rules?: readonly { readonly app: App }[]
  /** `protected`, or patterns of branches (`main`, `release/*`) and tags (`tag:v*`). */
  readonly branches?: Environment['branches']
  readonly adminsCanBypass?: boolean
}

export interface PullSpec {
  readonly title: string
  readonly author?: string
  readonly body?: string
  /** A branch that differs from the base. */
  readonly head: string
  readonly base?: string
  readonly labels?: readonly string[]
  readonly reviews?: readonly { readonly by: string; readonly state: Review['state'] }[]
  /** Merges it with a merge commit. */
  readonly merge?: boolean
}

export interface StartSpec {
  readonly event?: string
  /** Branch or tag; default: the default branch. */
  readonly ref?: string
  readonly actor?: string
  readonly inputs?: Readonly<Record<string, unknown>>
  readonly title?: string
}

export interface RepositoryHandle {
  readonly id: number
  readonly record: Repository
  /** Commits to a branch and returns the SHA. `null` removes a file. */
  commit(spec: {
    readonly files?: Readonly<Record<string, string | null>>
    readonly message?: string
    readonly author?: string
    readonly branch?: string
    /** The id that other facts give the commit. */
    readonly sha?: string
  }): string
  /** The SHA of a branch, tag or short SHA. @throws Error when there is none */
  sha(ref?: string): string
  branch(name: string, ref?: string): RepositoryHandle
  tag(name: string, ref?: string): RepositoryHandle
  /** Protects a branch. */
  protect(branch: string): RepositoryHandle
  /** The level of a person. */
  person(login: string, level: Level): RepositoryHandle
  /** Creates an environment, or sets its rules. */
  environment(name: string, spec?: EnvironmentSpec): RepositoryHandle
  /** Starts a workflow (`deploy.yml`) as its event would. */
  run(workflow: string, spec?: StartSpec): RunHandle
  /** All runs, oldest first. */
  readonly runs: readonly RunHandle[]
  pull(spec: PullSpec): Pull
  /** Adds a commit status. */
  status(ref: string, context: string, state: CommitStatus['state']): RepositoryHandle
  /** Adds a completed check run of GitHub Actions. */
  check(ref: string, name: string, conclusion: string): RepositoryHandle
  /** Newest first. */
  readonly deployments: readonly Deployment[]
  readonly comments: Repository['comments']
  readonly checks: Repository['checks']
}

const OTHERWISE = {
  reviewers: [],
  preventSelfReview: false,
  waitMinutes: 0,
  rules: [],
  branches: null,
  adminsCanBypass: true
}

function setEnvironment(world: World, repository: Repository, name: string, spec: EnvironmentSpec): void {
  const { reviewers, rules, ...rest } = { ...OTHERWISE, ...spec }
  const environment = ensureEnvironment(world, repository, name)
  Object.assign(environment, rest, {
    reviewers: reviewers.map(one => (typeof one === 'string' ? userNamed(world, one) : one)),
    rules: rules.map(({ app }) => ({ id: world.nextId(), app, enabled: true })),
    updatedAt: world.now()
  })
}

function start(world: World, repository: Repository, file: string, spec: StartSpec) {
  const ref = fullRef(repository, spec.ref ?? repository.defaultBranch)
  const workflow = findWorkflow(world, repository, file)
  const commit = ref === undefined ? undefined : resolveRef(repository, ref)
  const text = workflow && commit?.files.get(workflow.path)
  if (ref === undefined || commit === undefined || workflow === undefined || text === undefined) {
    throw new Error(`there is no workflow ${file} at ${spec.ref ?? repository.defaultBranch}`)
  }
  return createRun(world, repository, {
    workflow,
    text,
    event: spec.event ?? 'push',
    ref,
    sha: commit.sha,
    actor: userNamed(world, spec.actor ?? 'olivia'),
    inputs: spec.inputs ?? {},
    ...(spec.title === undefined ? {} : { title: spec.title })
  })
}

/** Commits of the head that the base has not, oldest first. */
function ownCommits(repository: Repository, head: string, base: string): string[] {
  const result: string[] = []
  for (
    let sha: string | undefined = head;
    sha !== undefined && sha !== base;
    [sha] = commitOf(repository, sha).parents
  ) {
    result.unshift(sha)
  }
  return result
}

function addPull(world: World, repository: Repository, spec: PullSpec): Pull {
  const base = spec.base ?? repository.defaultBranch
  const [baseSha, headSha] = [base, spec.head].map(name => resolveRef(repository, name)?.sha)
  if (baseSha === undefined || headSha === undefined) throw new Error(`no branch ${base} or ${spec.head}`)
  const author = userNamed(world, spec.author ?? 'olivia')
  const number = repository.pulls.length + 1
  const files = Object.fromEntries(commitOf(repository, headSha).files)
  const message = `Merge pull request #${number} from ${repository.owner.login}/${spec.head}`
  const merged = spec.merge
    ? commitTo(world, repository, { message, author, branch: base, files, merge: headSha }).sha
    : null
  const pull: Pull = {
    id: world.nextId(),
    number,
    title: spec.title,
    body: spec.body ?? '',
    author,
    head: { ref: spec.head, sha: headSha },
    base: { ref: base, sha: baseSha },
    commits: ownCommits(repository, headSha, baseSha),
    labels: spec.labels ?? [],
    at: world.now(),
    reviews: (spec.reviews ?? []).map(({ by, state }) => ({
      id: world.nextId(),
      user: userNamed(world, by),
      state,
      body: '',
      at: world.now()
    })),
    mergedAt: merged === null ? null : world.now(),
    mergeSha: merged,
    closed: false
  }
  repository.pulls.push(pull)
  return pull
}

/** The handle of a repository; `changed` is called after each change. */
export function repositoryHandle(world: World, record: Repository, changed: () => void): RepositoryHandle {
  const shaAt = (ref: string) => {
    const commit = resolveRef(record, ref)
    if (commit === undefined) throw new Error(`${record.name} has no ${ref}`)
    return commit.sha
  }
  const change = (body: () => void) => {
    body()
    changed()
    return handle
  }
  const handle: RepositoryHandle = {
    id: record.id,
    record,
    commit: ({ files = {}, message, author = 'olivia', branch = record.defaultBranch, sha: given }) => {
      const spec = {
        files,
        branch,
        author: userNamed(world, author),
        ...(message === undefined ? {} : { message }),
        ...(given === undefined ? {} : { sha: given })
      }
      const { sha } = commitTo(world, record, spec)
      changed()
      return sha
    },
    sha: (ref = record.defaultBranch) => shaAt(ref),
    branch: (name, ref = record.defaultBranch) => change(() => record.branches.set(name, shaAt(ref))),
    tag: (name, ref = record.defaultBranch) => change(() => record.tags.set(name, shaAt(ref))),
    protect: branch => change(() => record.protectedBranches.add(branch)),
    person: (login, level) => change(() => record.people.set(userNamed(world, login).login, level)),
    environment: (name, spec = {}) => change(() => setEnvironment(world, record, name, spec)),
    run: (workflow, spec = {}) => {
      const run = start(world, record, workflow, spec)
      changed()
      return runHandle(world, run, changed)
    },
    get runs() {
      return [...record.runs.values()].map(run => runHandle(world, run, changed))
    },
    pull: spec => {
      const pull = addPull(world, record, spec)
      changed()
      return pull
    },
    status: (ref, context, state) =>
      change(() => {
        const status = {
          id: world.nextId(),
          sha: shaAt(ref),
          context,
          state,
          description: null,
          at: world.now()
        }
        record.statuses.push(status)
      }),
    check: (ref, name, conclusion) =>
      change(() => {
        const at = world.now()
        const output = { title: null, summary: null, text: null }
        const base = { id: world.nextId(), sha: shaAt(ref), app: world.actions, at, name, output }
        record.checks.push({
          ...base,
          status: 'completed',
          conclusion,
          detailsUrl: null,
          externalId: '',
          completedAt: at
        })
      }),
    deployments: record.deployments,
    comments: record.comments,
    checks: record.checks
  }
  return handle
}
