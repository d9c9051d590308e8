/** Removes what the questions made. */
import { type Api, type Reply, wordsOf } from './api.ts'
import { type Made, PREFIX, until } from './bench.ts'
import type { Settings } from './settings.ts'

interface Cleaning {
  readonly settings: Settings
  /** Not stopped by an interruption. */
  readonly api: Api
  readonly path: string
  sleep(ms: number): Promise<void>
}

const MAX_WAIT_MS = 60_000

/** Removes runs, branches and environments. @returns what could not be removed, for people */
export async function removeAll(cleaning: Cleaning, { environments, branches }: Made): Promise<string[]> {
  const left: string[] = []
  const attempt = async (what: string, body: () => Promise<Reply>) => {
    try {
      const reply = await body()
      // 404 and 422: it was never made, or is gone already.
      if (reply.status >= 300 && reply.status !== 404 && reply.status !== 422)
        left.push(`${what}: ${wordsOf(reply)}`)
    } catch (error) {
      left.push(`${what}: ${(error as Error).message}`)
    }
  }
  const { api, path, settings } = cleaning
  const { token } = settings
  for (const branch of branches) {
    let runs: readonly { readonly id: number }[] = []
    await attempt(`runs of ${branch}`, async () => {
      const reply = await api(`GET ${path}/actions/runs?branch=${branch}&per_page=100`, token)
      runs = reply.data.workflow_runs ?? []
      return reply
    })
    for (const { id } of runs)
      await attempt(`run ${id}`, async () => {
        await end(cleaning, id)
        return api(`DELETE ${path}/actions/runs/${id}`, token)
      })
    await attempt(`branch ${branch}`, () => api(`DELETE ${path}/git/refs/heads/${branch}`, token))
  }
  for (const name of environments)
    await attempt(`environment ${name}`, () => api(`DELETE ${path}/environments/${name}`, token))
  return left
}

/** A run that goes on cannot be deleted. */
async function end(cleaning: Cleaning, run: number): Promise<void> {
  const { api, path, settings } = cleaning
  const { token } = settings
  const isOver = async () => {
    const { status, data } = await api(`GET ${path}/actions/runs/${run}`, token)
    return status === 404 || data.status === 'completed' ? true : undefined
  }
  if ((await isOver()) === true) return
  await api(`POST ${path}/actions/runs/${run}/cancel`, token)
  await until(cleaning, isOver, MAX_WAIT_MS)
}

/** What earlier runs left, by its name. */
export async function remainsOf({ api, path, settings }: Cleaning): Promise<Made> {
  const { token } = settings
  const named = async (route: string, key?: string): Promise<readonly string[]> => {
    const { data } = await api(route, token)
    const all: readonly { readonly name: string }[] = (key === undefined ? data : data[key]) ?? []
    return all.map(one => one.name).filter(name => name.startsWith(PREFIX))
  }
  return {
    environments: new Set(await named(`GET ${path}/environments?per_page=100`, 'environments')),
    branches: new Set(await named(`GET ${path}/branches?per_page=100`))
  }
}
