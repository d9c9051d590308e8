/** Removes what the questions made. */
import { type Api, needed, type Reply, wordsOf } from './api.ts'
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

/** What earlier runs left, by its name. @throws Error where GitHub refuses a list: something may be left then */
export async function remainsOf(cleaning: Cleaning): Promise<Made> {
  const { path } = cleaning
  const branches = await namesIn(cleaning, 'branches', `GET ${path}/branches`)
  const environments = await namesIn(cleaning, 'environments', `GET ${path}/environments`, 'environments')
  return { environments: new Set(environments), branches: new Set(branches) }
}

const PAGE = 100

/** Names of ours in a list of any length. @param key the member of the response that is the list; none where it is one */
async function namesIn(
  { api, settings }: Cleaning,
  what: string,
  route: string,
  key?: string
): Promise<readonly string[]> {
  const names: string[] = []
  for (let page = 1; ; page += 1) {
    const reply = await api(`${route}?per_page=${PAGE}&page=${page}`, settings.token)
    const data = needed(reply, `Listing the ${what}`)
    const all: readonly { readonly name: string }[] = (key === undefined ? data : data[key]) ?? []
    names.push(...all.map(one => one.name))
    if (all.length < PAGE) return names.filter(name => name.startsWith(PREFIX))
  }
}
