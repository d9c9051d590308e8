/** Protection rules: when they ask, what decides them, and what comes back. */

import { wordsOf } from './api.ts'
import type { App } from './app.ts'
import { awaited, type Bench, completed, jobsOf, makeEnvironment, startWorkflow, until } from './bench.ts'
import type { Answer } from './report.ts'

const job = (rest: string) => `{ runs-on: ubuntu-latest, ${rest} }`
const RUN = "steps: [{ run: 'true' }]"

/** Two jobs and a later one at one environment, beside a job that runs. */
const atOneEnvironment = (environment: string) => (branch: string) =>
  `name: servicenow-check
on: { push: { branches: ['${branch}'] } }
permissions: {}
jobs:
  one: ${job(`environment: ${environment}, ${RUN}`)}
  two: ${job(`environment: ${environment}, ${RUN}`)}
  later: ${job(`needs: one, environment: ${environment}, ${RUN}`)}
  busy: ${job("steps: [{ run: 'sleep 90' }]")}
`

/** Seconds that GitHub gets to start what a decision lets go. */
const SETTLE_MS = 60_000

export async function askRule(bench: Bench, app: App): Promise<readonly Answer[]> {
  const { api, path } = bench
  const environment = await makeEnvironment(bench, 'rule', app.id)
  const run = await startWorkflow(bench, 'rule', atOneEnvironment(environment))
  const token = await app.token()
  const decide = (name: string) =>
    api(`POST ${path}/actions/runs/${run}/deployment_protection_rule`, token, {
      body: { environment_name: name, state: 'approved', comment: 'Check' }
    })
  const isPending = async () => {
    const { data } = await api(`GET ${path}/actions/runs/${run}/pending_deployments`, token)
    const all: readonly { readonly environment: { readonly name: string } }[] = Array.isArray(data)
      ? data
      : []
    return all.some(one => one.environment.name === environment)
  }
  await awaited(bench, `a job that waits at ${environment}`, async () => (await isPending()) || undefined)
  const asked: Answer = {
    question: 'Does a rule ask whatever becomes of the webhook of the App?',
    answer: `yes: the job waits (webhook: ${bench.settings.webhook})`,
    seen: 'pending_deployments lists the environment'
  }
  const state = await stateOfRun(bench, run)
  const unknown = await decide(`${environment}-none`)
  const first = await decide(environment)
  const second = await decide(environment)
  const jobs = await afterDecision(bench, run)
  const later = await laterJob(bench, run, isPending)
  if (later === 'waits again') await decide(environment)
  await completed(bench, run)
  const after = await decide(environment)
  const { data: approvals } = await api(`GET ${path}/actions/runs/${run}/approvals`, token)
  const isListed = Array.isArray(approvals) && approvals.length > 0
  return [
    asked,
    state,
    { question: 'A decision', answer: wordsOf(first), seen: 'POST deployment_protection_rule' },
    { question: 'A second decision', answer: wordsOf(second), seen: 'the same again' },
    { question: 'A decision for an unknown environment', answer: wordsOf(unknown), seen: 'the same' },
    { question: 'A decision on a completed run', answer: wordsOf(after), seen: 'the same' },
    {
      question: 'Do two jobs at one environment need one decision?',
      answer: jobs,
      seen: 'jobs after one decision'
    },
    { question: 'Does a later job of the run ask again?', answer: later, seen: 'pending_deployments' },
    {
      question: 'Are decisions of an App in the list of approvals?',
      answer: isListed ? 'yes' : 'no',
      seen: 'GET approvals'
    }
  ]
}

/** What the run reads while a job waits and another one runs. */
async function stateOfRun(bench: Bench, run: number): Promise<Answer> {
  const { api, path, settings } = bench
  const question = 'The status of a run in which one job waits and another runs'
  const runs = await until(bench, async () => {
    const busy = (await jobsOf(bench, run)).get('busy')?.status
    return busy === 'in_progress' || busy === 'completed' ? busy : undefined
  })
  if (runs !== 'in_progress') return { question, answer: 'not seen: no job ran beside it', seen: 'jobs' }
  const { data } = await api(`GET ${path}/actions/runs/${run}`, settings.token)
  const { data: list } = await api(`GET ${path}/actions/runs?status=waiting&per_page=100`, settings.token)
  const isListed = (list.workflow_runs ?? []).some((one: { id: number }) => one.id === run)
  const listed = isListed ? 'in the list of status=waiting' : 'not in the list of status=waiting'
  return { question, answer: `${data.status}; ${listed}`, seen: 'the run, and the list' }
}

async function afterDecision(bench: Bench, run: number): Promise<string> {
  const both = await until(
    bench,
    async () => {
      const jobs = await jobsOf(bench, run)
      return ['one', 'two'].every(name => jobs.get(name)?.status === 'completed') ? true : undefined
    },
    SETTLE_MS
  )
  return both === true ? 'one' : 'more: not both jobs went on within a minute'
}

async function laterJob(bench: Bench, run: number, isPending: () => Promise<boolean>): Promise<string> {
  const word = await until(
    bench,
    async () => {
      const status = (await jobsOf(bench, run)).get('later')?.status
      if (status === 'waiting' && (await isPending())) return 'waits again'
      return status === 'in_progress' || status === 'completed' ? 'goes on without a new decision' : undefined
    },
    SETTLE_MS
  )
  return word ?? 'not seen'
}

/** Whether a job that waits at an environment holds the slot of its concurrency group. */
export async function askConcurrency(bench: Bench, app: App): Promise<readonly Answer[]> {
  const environment = await makeEnvironment(bench, 'slot', app.id)
  const run = await startWorkflow(
    bench,
    'slot',
    branch => `name: servicenow-check
on: { push: { branches: ['${branch}'] } }
permissions: {}
jobs:
  gated: ${job(`environment: ${environment}, concurrency: ${branch}, ${RUN}`)}
  pause: ${job("steps: [{ run: 'sleep 20' }]")}
  free: ${job(`needs: pause, concurrency: ${branch}, ${RUN}`)}
`
  )
  await awaited(bench, `a job that waits at ${environment}`, async () =>
    (await jobsOf(bench, run)).get('gated')?.status === 'waiting' ? true : undefined
  )
  await awaited(bench, 'the pause', async () =>
    (await jobsOf(bench, run)).get('pause')?.status === 'completed' ? true : undefined
  )
  const end = await until(
    bench,
    async () => ((await jobsOf(bench, run)).get('free')?.status === 'completed' ? true : undefined),
    2 * SETTLE_MS
  )
  return [
    {
      question: 'Does a job that waits at an environment hold the slot of its concurrency group?',
      answer:
        end === true ? 'no: another job of the group ran' : 'yes: another job of the group did not start',
      seen: 'two jobs with one group'
    }
  ]
}
