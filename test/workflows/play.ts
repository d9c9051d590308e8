import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { OAUTH_CLIENTS, type Sandbox, startSandbox } from '@change-actions/sandbox'
import { runAct } from './act.ts'
import { assertInvariants } from './invariants.ts'
import { decide } from './people.ts'
import { callerRepository, commitOf, repositoriesFor } from './repositories.ts'
import { mayLackOutput, type Run } from './run-log.ts'
import type { Given, Scenario } from './scenario.ts'

export interface Stage {
  readonly act: string
  /** This repository as its users download it. */
  readonly published: string
  /** Each scenario gets a folder of its own in it. */
  readonly folder: string
}

export interface Result {
  readonly scenario: Scenario
  readonly seconds: number
  /** How often it was played: again only when act had lost what a failed step printed. */
  readonly tries: number
  /** Undefined when all is as it should be. */
  readonly wrong: string | undefined
  readonly log: string
}

/** How long people may still be busy when their run is over. */
const MAX_WAIT_MS = 5000

/** A run whose failed step lost its output is played again; what is really wrong fails each time. */
const TRIES = 3

/** Plays one scenario, each time in an empty repository, against an instance of its own. */
export async function play(scenario: Scenario, stage: Stage): Promise<Result> {
  const started = performance.now()
  for (let tries = 1; ; tries++) {
    const { wrong, run } = await playOnce(scenario, stage)
    if (wrong !== undefined && tries < TRIES && run !== undefined && mayLackOutput(run)) continue
    const seconds = (performance.now() - started) / 1000
    return { scenario, seconds, tries, wrong, log: run?.log ?? '' }
  }
}

interface Outcome {
  readonly wrong: string | undefined
  readonly run: Run | undefined
}

async function playOnce(scenario: Scenario, stage: Stage): Promise<Outcome> {
  const folder = mkdtempSync(join(stage.folder, 'run-'))
  // As stock instances do, which refuse to close a change while one of its tasks is open.
  const sandbox = await startSandbox({ approvalDelayMs: 20, tasksOnImplement: true, ...scenario.sandbox })
  const finishers: (() => void)[] = []
  let run: Run | undefined
  const result = (wrong?: string): Outcome => ({ wrong, run })
  try {
    const repository = join(folder, 'shop')
    callerRepository(repository, scenario)
    const world = {
      sandbox,
      atEnd: (finish: () => void) => finishers.push(finish),
      commitOf: (ref: string) => commitOf(repository, ref)
    }
    const given = (await scenario.setUp?.(world)) ?? {}
    const people = decide(scenario.people, sandbox)
    run = await perform(scenario, given, { ...stage, folder, sandbox })
    const expected = scenario.expected ?? 'success'
    if (run.result !== expected) return result(`the run ended in ${run.result}, not in ${expected}`)
    await scenario.check({ ...world, run, record: name => recordIn(folder, name) })
    assertInvariants(sandbox, join(folder, 'records'))
    if (typeof scenario.people !== 'function') return result()
    const failed = await Promise.race([people, delay(MAX_WAIT_MS, 'still waiting', { ref: false })])
    return result(failed === undefined ? undefined : `the people: ${textOf(failed)}`)
  } catch (error) {
    return result(textOf(error))
  } finally {
    for (const finish of finishers) finish()
    await sandbox.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

function perform(scenario: Scenario, given: Given, stage: Stage & { sandbox: Sandbox }): Promise<Run> {
  const { act, folder, published, sandbox } = stage
  const repository = join(folder, 'shop')
  const records = join(folder, 'records')
  const home = join(folder, 'home')
  for (const one of [records, home]) mkdirSync(one, { recursive: true })
  const [client] = OAUTH_CLIENTS
  const payload = given.payload ?? scenario.payload
  return runAct({
    act,
    folder: repository,
    home,
    event: scenario.event ?? 'push',
    eventPath: payload === undefined ? undefined : writeEvent(folder, payload),
    inputs: { ...scenario.inputs, ...given.inputs },
    vars: nonEmpty({
      SERVICENOW_INSTANCE: sandbox.url,
      SERVICENOW_CLIENT_ID: client?.id ?? '',
      ...scenario.vars,
      ...given.vars
    }),
    secrets: nonEmpty({
      SERVICENOW_CLIENT_SECRET: client?.secret ?? '',
      ...scenario.secrets,
      ...given.secrets
    }),
    env: {
      RECORDS: records,
      // For the deployments of the tests: the steps of a job do not see the instance.
      SANDBOX: sandbox.url,
      STAND_IN_REPOSITORY: repository,
      STAND_IN_ARTIFACTS: join(folder, 'artifacts'),
      ...scenario.env,
      ...given.env
    },
    repositories: repositoriesFor(published, scenario.files)
  })
}

function writeEvent(folder: string, payload: object): string {
  const path = join(folder, 'event.json')
  writeFileSync(path, JSON.stringify(payload))
  return path
}

function nonEmpty(values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''))
}

function recordIn(folder: string, name: string): string | undefined {
  const path = join(folder, 'records', name)
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
