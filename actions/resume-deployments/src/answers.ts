/**
 * What this action has answered already, by what GitHub lists. A rule asks once for each deployment that comes to the
 * environment: jobs of one run that come there one after the other, and those of later attempts, need a decision each.
 */
import type { DecidedChange } from '@change-actions/change-operations'
import { oneLine } from '@change-actions/github-actions'
import { reasonText } from '@change-actions/github-actions/change'
import type { GitHub } from '@change-actions/github-actions/github'
import { deploymentsOf, type RecordedDeployment, readRun, reviewsOf } from '@change-actions/github-api'
import { nameOf } from './latch.ts'

export interface Answers {
  /** How many decisions of ours GitHub lists for these environments of the run. 0 also where it lists none of Apps. */
  given(one: DecidedChange, isMeant: (environment: string) => boolean): Promise<number>
  /** Whether so many decisions are all that was asked for, while the environment waits. */
  areAll(one: DecidedChange, environment: string, given: number): Promise<boolean>
}

/** Deployments that are read of one environment: five requests. With more, it cannot be told which are of the run. */
const MAX_DEPLOYMENTS = 500

export function answersAt(github: GitHub): Answers {
  const { octokit, send } = github
  const known = new Map<string, { readonly since: number; readonly list: Promise<Listed> }>()
  /** Once a sweep for each environment, unless a run is older. */
  const listed = (one: DecidedChange, environment: string, since: number): Promise<Listed> => {
    const key = `${one.repository.repository} ${environment}`
    const found = known.get(key)
    if (found !== undefined && found.since <= since) return found.list
    const list = deploymentsSince(github, one, environment, since)
    known.set(key, { since, list })
    return list
  }
  return {
    given: async (one, isMeant) => {
      const reviews = await send(() => reviewsOf(octokit, nameOf(one), one.binding.runId))
      return reviews.filter(review => review.environments.some(isMeant) && isOurs(review)).length
    },
    areAll: async (one, environment, given) => {
      if (given === 0) return false
      const { runId } = one.binding
      const run = await send(() => readRun(octokit, nameOf(one), runId))
      const list = await listed(one, environment, run.createdAt)
      const asked = list?.filter(deployment => deployment.runId === runId).length ?? 0
      // One waits: a list without it does not tell. Each attempt asks once at least.
      return given >= (asked === 0 ? run.attempt : asked)
    }
  }
}

/** Undefined where it may not be read, or is too long. */
type Listed = readonly RecordedDeployment[] | undefined

async function deploymentsSince(
  github: GitHub,
  one: DecidedChange,
  environment: string,
  since: number
): Promise<Listed> {
  const span = { ...nameOf(one), environments: [environment], since, until: Number.POSITIVE_INFINITY }
  const list: RecordedDeployment[] = []
  try {
    for await (const deployment of deploymentsOf(github.octokit, span, github.send)) {
      list.push(deployment)
      if (list.length > MAX_DEPLOYMENTS) return undefined
    }
    return list
  } catch (error) {
    const isRefused = github.isProblem(error) && REFUSED.includes(error.code)
    if (isRefused) return undefined
    throw error
  }
}

const REFUSED: readonly string[] = ['no-permission', 'not-found', 'rejected']

/** A comment of ours begins so: people may write the like, and Apps what they want. */
const SIGN = 'ServiceNow'
const SIGNED = /^ServiceNow \S+: /

function isOurs({ byApp, state, comment }: Awaited<ReturnType<typeof reviewsOf>>[number]): boolean {
  return byApp && ['approved', 'rejected'].includes(state) && SIGNED.test(comment)
}

/** The comment of a decision. @param url the page of the change */
export function commentOf({ change, decision }: DecidedChange, url: string): string {
  const number = oneLine(change.number, 40).replaceAll(' ', '')
  return `${SIGN} ${number}: ${oneLine(reasonText(decision.reason), 400)}. ${url}`
}
