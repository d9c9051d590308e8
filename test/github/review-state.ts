/** Pull requests, comments and checks. Times are epoch milliseconds. */
import type { App, User } from './state.ts'

export interface Review {
  readonly id: number
  readonly user: User
  readonly state: 'APPROVED' | 'CHANGES_REQUESTED' | 'COMMENTED' | 'DISMISSED'
  readonly body: string
  readonly at: number
}

export interface Pull {
  readonly id: number
  readonly number: number
  readonly title: string
  readonly body: string
  readonly author: User
  readonly head: { readonly ref: string; readonly sha: string }
  readonly base: { readonly ref: string; readonly sha: string }
  readonly commits: readonly string[]
  readonly labels: readonly string[]
  readonly at: number
  readonly reviews: readonly Review[]
  readonly mergedAt: number | null
  readonly mergeSha: string | null
  readonly closed: boolean
}

export interface Comment {
  readonly id: number
  readonly issue: number
  readonly user: User
  readonly at: number
  body: string
  updatedAt: number
}

export interface CheckRun {
  readonly id: number
  readonly sha: string
  readonly app: App
  readonly at: number
  name: string
  status: string
  conclusion: string | null
  output: { title: string | null; summary: string | null; text: string | null }
  detailsUrl: string | null
  externalId: string
  completedAt: number | null
}

export interface CommitStatus {
  readonly id: number
  readonly sha: string
  readonly context: string
  readonly state: 'error' | 'failure' | 'pending' | 'success'
  readonly description: string | null
  readonly at: number
}
