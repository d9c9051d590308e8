/** Asks all questions, one after the other, and removes what they made. */
import { type Api, apiAt } from './api.ts'
import { appOf } from './app.ts'
import { askRerun } from './ask-rerun.ts'
import { askConcurrency, askRule } from './ask-rule.ts'
import { askTokens } from './ask-tokens.ts'
import { type Bench, Interrupted, type Made } from './bench.ts'
import { remainsOf, removeAll } from './clean-up.ts'
import { type Answer, reportOf } from './report.ts'
import type { Settings } from './settings.ts'

export interface World {
  readonly signal: AbortSignal
  /** In the names of all that is made. */
  readonly stamp: string
  now(): number
  sleep(ms: number): Promise<void>
  tell(line: string): void
}

export interface Checked {
  /** Markdown. */
  readonly report: string
  /** What could not be removed. */
  readonly left: readonly string[]
  readonly interrupted: boolean
}

/** Removes what earlier runs left. */
export async function clean(settings: Settings, { sleep }: World): Promise<readonly string[]> {
  const cleaning = { settings, api: apiAt(settings.apiUrl), path: pathOf(settings), sleep }
  return removeAll(cleaning, await remainsOf(cleaning))
}

/** Whatever happens, what was made is removed, and what is known is reported. */
export async function checkGithub(settings: Settings, world: World): Promise<Checked> {
  const { signal, now, sleep, tell } = world
  const made: Made = { environments: new Set(), branches: new Set() }
  const plain = apiAt(settings.apiUrl)
  const stop = () => {
    if (signal.aborted) throw new Interrupted()
  }
  const api: Api = async (...request) => {
    stop()
    return plain(...request)
  }
  const bench: Bench = {
    ...world,
    settings,
    api,
    path: pathOf(settings),
    made,
    sleep: async ms => {
      stop()
      await sleep(ms)
      stop()
    }
  }
  const answers: Answer[] = []
  let interrupted = false
  try {
    await askAll(bench, answers)
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error
    interrupted = true
  } finally {
    tell('Removing what was made')
  }
  const left = await removeAll({ settings, api: plain, path: bench.path, sleep }, made)
  const { owner, repo, apiUrl, webhook } = settings
  const report = reportOf(answers, { repository: `${owner}/${repo}`, apiUrl, webhook, at: now(), left })
  return { report, left, interrupted }
}

function pathOf({ owner, repo }: Settings): string {
  return `/repos/${owner}/${repo}`
}

const NO_APP = 'not asked: no GitHub App was given'

/** Adds the answers one by one: those that are there stay when a later question is not answered. */
async function askAll(bench: Bench, answers: Answer[]): Promise<void> {
  const ask = async <T>(question: string, body: () => Promise<T>): Promise<T | undefined> => {
    bench.tell(question)
    try {
      return await body()
    } catch (error) {
      if (error instanceof Interrupted) throw error
      answers.push({ question, answer: `not answered: ${(error as Error).message}`, seen: '' })
      return undefined
    }
  }
  const add = (found: readonly Answer[] | undefined) => answers.push(...(found ?? []))
  add(await ask('Running jobs again', () => askRerun(bench)))
  const app = await ask('The GitHub App', () => appOf(bench))
  if (app === undefined) {
    if (bench.settings.app === undefined)
      answers.push({ question: 'Protection rules, tokens and claims of an App', answer: NO_APP, seen: '' })
    return
  }
  add(await ask('Protection rules', () => askRule(bench, app)))
  add(await ask('Concurrency groups', () => askConcurrency(bench, app)))
  add(await ask('Tokens of the App', () => askTokens(bench, app)))
}
