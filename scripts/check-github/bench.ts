/** What all questions work with: requests, waiting, and the branches and environments that they make. */
import { type Api, needed } from './api.ts'
import type { Settings } from './settings.ts'

/** Everything that is made has a name that begins so. */
export const PREFIX = 'servicenow-check-'

/** Names of what was made, noted before it is made so that nothing is forgotten. */
export interface Made {
  readonly environments: Set<string>
  readonly branches: Set<string>
}

export interface Bench {
  readonly settings: Settings
  /** Throws `Interrupted` once the script is told to stop. */
  readonly api: Api
  /** `/repos/OWNER/NAME` */
  readonly path: string
  /** Tells the things of this run from those of others. */
  readonly stamp: string
  readonly made: Made
  /** Epoch milliseconds. */
  now(): number
  /** Ends early when the script is told to stop. */
  sleep(ms: number): Promise<void>
  /** Progress, for the person who waits. */
  tell(line: string): void
}

/** The script was told to stop; what was made is removed. */
export class Interrupted extends Error {
  constructor() {
    super('interrupted')
  }
}

const PAUSE_MS = 3_000
/** A runner may be late. */
const MAX_WAIT_MS = 5 * 60_000

/** Asks until the response is a value; undefined when the time is over. */
export async function until<T>(
  { sleep }: Pick<Bench, 'sleep'>,
  probe: () => Promise<T | undefined>,
  maxMs = MAX_WAIT_MS
): Promise<T | undefined> {
  for (let waited = 0; waited <= maxMs; waited += PAUSE_MS) {
    const found = await probe()
    if (found !== undefined) return found
    await sleep(PAUSE_MS)
  }
  return undefined
}

/** As `until`. @throws Error when the time is over */
export async function awaited<T>(
  bench: Bench,
  what: string,
  probe: () => Promise<T | undefined>
): Promise<T> {
  const found = await until(bench, probe)
  if (found === undefined) throw new Error(`${what}: not the case within five minutes`)
  return found
}

/** Makes an environment; with the App's id its rule is enabled there. */
export async function makeEnvironment(bench: Bench, suffix: string, appId?: number): Promise<string> {
  const { api, path, settings, stamp, made } = bench
  const name = `${PREFIX}${stamp}-${suffix}`
  made.environments.add(name)
  const put = await api(`PUT ${path}/environments/${name}`, settings.token, { body: {} })
  needed(put, `Making the environment ${name}`)
  if (appId === undefined) return name
  const route = `POST ${path}/environments/${name}/deployment_protection_rules`
  const enabled = await api(route, settings.token, { body: { integration_id: appId } })
  needed(enabled, `Enabling the rule of the App in ${name} (private repositories need GitHub Enterprise)`)
  return name
}

/** Makes a branch that has one more workflow, which listens for pushes to it alone. @returns the id of its run */
export async function startWorkflow(
  bench: Bench,
  suffix: string,
  textOf: (branch: string) => string
): Promise<number> {
  const { api, path, settings, stamp, made } = bench
  const { token } = settings
  const branch = `${PREFIX}${stamp}-${suffix}`
  const { default_branch: base } = needed(await api(`GET ${path}`, token), 'Reading the repository')
  const { sha } = needed(await api(`GET ${path}/commits/${base}`, token), `Reading the commit of ${base}`)
  made.branches.add(branch)
  const created = await api(`POST ${path}/git/refs`, token, { body: { ref: `refs/heads/${branch}`, sha } })
  needed(created, `Making the branch ${branch}`)
  const file = `.github/workflows/${branch}.yml`
  const content = Buffer.from(textOf(branch)).toString('base64')
  const written = await api(`PUT ${path}/contents/${file}`, token, {
    body: { message: 'Check GitHub for servicenow', content, branch }
  })
  needed(written, `Writing the workflow ${file}`)
  return awaited(bench, `a run of ${file}`, async () => {
    const { data } = await api(`GET ${path}/actions/runs?branch=${branch}`, token)
    const runs: readonly { readonly id: number; readonly path: string }[] = data.workflow_runs ?? []
    return runs.find(run => run.path.startsWith(file))?.id
  })
}

/** A job as GitHub lists it. */
export interface Job {
  readonly id: number
  readonly name: string
  readonly status: string
  readonly conclusion: string | null
}

/** The jobs of the latest attempt, by name. */
export async function jobsOf({ api, path, settings }: Bench, run: number): Promise<ReadonlyMap<string, Job>> {
  const { data } = await api(`GET ${path}/actions/runs/${run}/jobs?filter=latest`, settings.token)
  const jobs: readonly Job[] = data.jobs ?? []
  return new Map(jobs.map(job => [job.name, job]))
}

/** Waits until the run has completed, at an attempt. @returns its conclusion */
export function completed(bench: Bench, run: number, attempt = 1): Promise<string> {
  const { api, path, settings } = bench
  return awaited(bench, `the end of run ${run}`, async () => {
    const { data } = await api(`GET ${path}/actions/runs/${run}`, settings.token)
    return data.status === 'completed' && data.run_attempt >= attempt ? String(data.conclusion) : undefined
  })
}
