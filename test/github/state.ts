/** What GitHub knows: plain records, changed by the rules in the files beside this one. Times are epoch milliseconds. */
import type { CheckRun, Comment, CommitStatus, Pull } from './review-state.ts'
import type { Settings } from './settings.ts'

export type { CheckRun, Comment, CommitStatus, Pull, Review } from './review-state.ts'

export type Level = 'read' | 'write' | 'admin'
export type Permissions = Readonly<Record<string, Level>>

export interface User {
  readonly id: number
  readonly login: string
  readonly type: 'User' | 'Organization' | 'Bot'
}

export interface Team {
  readonly id: number
  readonly slug: string
  readonly members: readonly string[]
}

export interface App {
  readonly id: number
  readonly clientId: string
  readonly slug: string
  readonly name: string
  readonly owner: User
  readonly permissions: Permissions
  readonly publicKey: string
  readonly privateKey: string
  readonly bot: User
}

export interface Installation {
  readonly id: number
  readonly app: App
  readonly account: User
  readonly repositories: 'all' | ReadonlySet<Repository>
  readonly permissions: Permissions
  readonly createdAt: number
  suspendedAt?: number
}

export type TokenKind = 'installation' | 'job' | 'fine-grained' | 'classic'

export interface Token {
  readonly value: string
  readonly kind: TokenKind
  readonly installation?: Installation
  /** The person of a personal access token. */
  readonly user?: User
  /** The repositories it was narrowed to; `all`: those of the installation, or of the person. */
  readonly repositories: 'all' | ReadonlySet<Repository>
  readonly permissions: Permissions
  readonly scopes: readonly string[]
  readonly expiresAt: number
  revoked: boolean
}

export interface Commit {
  readonly sha: string
  readonly message: string
  readonly author: User
  readonly at: number
  readonly parents: readonly string[]
  /** The whole tree: path to text. */
  readonly files: ReadonlyMap<string, string>
}

export interface CustomRule {
  readonly id: number
  readonly app: App
  enabled: boolean
}

export interface Environment {
  readonly id: number
  readonly name: string
  readonly createdAt: number
  updatedAt: number
  reviewers: readonly (User | Team)[]
  preventSelfReview: boolean
  waitMinutes: number
  adminsCanBypass: boolean
  /** `protected`: protected branches; a list: patterns of branches (`main`) and tags (`tag:v*`); null: every ref. */
  branches: 'protected' | readonly string[] | null
  rules: CustomRule[]
}

export type Conclusion =
  | 'success'
  | 'failure'
  | 'cancelled'
  | 'skipped'
  | 'timed_out'
  | 'action_required'
  | 'neutral'

export interface Job {
  readonly id: number
  readonly key: string
  readonly name: string
  readonly needs: readonly string[]
  readonly environment: string | undefined
  readonly makesDeployment: boolean
  /** The attempt that ran it: lower than that of the list it is in when its result was carried over. */
  readonly attempt: number
  readonly createdAt: number
  /** `blocked`: what it needs has not ended; GitHub does not list it yet. */
  status: 'blocked' | 'queued' | 'waiting' | 'in_progress' | 'completed'
  conclusion: Conclusion | null
  startedAt?: number
  completedAt?: number
  deployment?: Deployment
}

/** The wait of the jobs of one attempt at one environment. */
export interface Gate {
  readonly environment: Environment
  readonly jobs: Job[]
  readonly openedAt: number
  readonly decisions: Map<App, 'approved' | 'rejected'>
  readonly notes: Map<App, string[]>
  reviewed: boolean
  state: 'waiting' | 'passed' | 'rejected'
}

/** A review of a gate, by a person or by the App of a rule. */
export interface Approval {
  readonly environment: Environment
  readonly state: 'approved' | 'rejected'
  readonly user: User
  readonly comment: string
  readonly byRule: boolean
  readonly attempt: number
}

export interface Attempt {
  readonly number: number
  readonly startedAt: number
  readonly actor: User
  readonly jobs: Job[]
  readonly gates: Gate[]
  updatedAt: number
  /** Environments whose rules pass by themselves, because they passed in an earlier attempt. */
  readonly passesAgain: ReadonlySet<string>
}

export interface Workflow {
  readonly id: number
  readonly path: string
}

export interface Run {
  readonly id: number
  readonly number: number
  readonly repository: Repository
  readonly workflow: Workflow
  readonly name: string
  readonly title: string
  readonly event: string
  readonly ref: string
  readonly sha: string
  readonly actor: User
  readonly inputs: Readonly<Record<string, unknown>>
  readonly createdAt: number
  readonly attempts: Attempt[]
  readonly approvals: Approval[]
}

export interface DeploymentStatus {
  readonly id: number
  readonly state: string
  readonly description: string
  readonly logUrl: string
  readonly environmentUrl: string
  readonly environment: string
  readonly creator: User
  readonly at: number
}

export interface Deployment {
  readonly id: number
  readonly sha: string
  readonly ref: string
  readonly task: string
  readonly environment: string
  readonly description: string | null
  readonly payload: unknown
  readonly transient: boolean
  readonly production: boolean
  readonly creator: User
  readonly at: number
  readonly statuses: DeploymentStatus[]
}

export interface Repository {
  readonly id: number
  readonly owner: User
  readonly name: string
  readonly private: boolean
  readonly defaultBranch: string
  readonly createdAt: number
  readonly commits: Map<string, Commit>
  readonly branches: Map<string, string>
  readonly tags: Map<string, string>
  readonly protectedBranches: Set<string>
  /** The level of each person; the owner is an administrator. */
  readonly people: Map<string, Level>
  readonly environments: Map<string, Environment>
  readonly workflows: Map<string, Workflow>
  readonly runs: Map<number, Run>
  readonly deployments: Deployment[]
  readonly pulls: Pull[]
  readonly comments: Comment[]
  readonly checks: CheckRun[]
  readonly statuses: CommitStatus[]
}

export interface World {
  readonly settings: Settings
  /** Epoch milliseconds. */
  now(): number
  /** A number that no other record has. */
  nextId(): number
  /** Root of the REST API, without a slash at the end. Set when the server listens. */
  apiUrl: string
  /** Root of the pages, `html_url`. */
  serverUrl: string
  readonly users: Map<string, User>
  readonly teams: Team[]
  readonly apps: App[]
  readonly installations: Installation[]
  readonly repositories: Repository[]
  readonly tokens: Map<string, Token>
  /** The App "GitHub Actions", whose tokens jobs have. */
  readonly actions: App
}

/** `owner/name` */
export function fullName({ owner, name }: Repository): string {
  return `${owner.login}/${name}`
}

/** The newest attempt of a run. */
export function latestAttempt(run: Run): Attempt {
  return run.attempts[run.attempts.length - 1] as Attempt
}
