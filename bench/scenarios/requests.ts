import { type RequestRecord, seedId } from '@change-actions/sandbox'
import { type Instance, withInstance } from '../instance/instance.ts'
import { table } from '../measure/format.ts'
import { type ActionName, BenchJob } from '../measure/step.ts'
import type { Result, Scenario } from '../scenario.ts'

const MAX_REQUESTS = 20
const APIS = ['change-management', 'table'] as const
type Api = (typeof APIS)[number]

/**
 * Where the two files are attached: by create-change, which makes the four steps of the target, or by a step of its
 * own, which signs in and looks at the change once more.
 */
const WAYS = ['attached by create-change', 'attached by attach-evidence'] as const
type Way = (typeof WAYS)[number]

const CHANGE = {
  'short-description': 'Deploy the shop',
  'assignment-group': seedId('sys_user_group', 'devops-team'),
  'cmdb-ci': seedId('cmdb_ci', 'prod-k8s-cluster')
}
const BY_NAME = { 'assignment-group': 'DevOps Team', 'cmdb-ci': 'prod-k8s-cluster' }

interface StepCount {
  readonly action: ActionName
  readonly requests: readonly RequestRecord[]
}

interface Lifecycle {
  readonly api: Api
  readonly way: Way
  readonly steps: readonly StepCount[]
  readonly total: number
}

/** Every request of a normal change from its creation to its end, sign-ins included. */
export const requests: Scenario = {
  name: 'requests',
  title: 'Requests of a whole lifecycle',
  run: async () => {
    const lifecycles: Lifecycle[] = []
    const perName: { api: Api; requests: number }[] = []
    for (const api of APIS) {
      for (const way of WAYS) lifecycles.push(await withInstance({}, one => lifecycle(one, api, way)))
      perName.push({ api, requests: await withInstance({}, one => perLookUp(one, api)) })
    }
    return judge(lifecycles, perName)
  }
}

/** Runs steps one after the other and keeps what each asked of the instance. */
class Counter {
  readonly steps: StepCount[] = []
  readonly job: BenchJob
  readonly #instance: Instance
  #seen = 0

  constructor(instance: Instance, api: Api) {
    this.#instance = instance
    this.job = new BenchJob(instance.url, { SERVICENOW_API: api })
  }

  async run(action: ActionName, inputs: Readonly<Record<string, string>>, env = {}): Promise<StepCount> {
    await this.job.pass(action, inputs, env)
    const all = await this.#instance.ask('requests')
    const step = { action, requests: all.slice(this.#seen) }
    this.#seen = all.length
    this.steps.push(step)
    return step
  }
}

async function lifecycle(instance: Instance, api: Api, way: Way): Promise<Lifecycle> {
  const counter = new Counter(instance, api)
  const { job } = counter
  try {
    const files = ['report.json', 'scan.txt']
    for (const name of files) job.file(name, `content of ${name}`)
    const early = way === 'attached by create-change'
    await counter.run('create-change', {
      ...CHANGE,
      ...(early && { attachments: files.map(name => `- ${name}`).join('\n') })
    })
    await instance.ask('approve', 'CHG0030001')
    await counter.run('wait-approval', { timeout: '0' })
    await counter.run('update-change', { state: 'implement' })
    if (!early) await counter.run('attach-evidence', { files: files.join('\n') })
    await counter.run('update-change', { state: 'by-job-status', 'job-status': 'success' })
    const total = counter.steps.reduce((sum, step) => sum + step.requests.length, 0)
    return { api, way, steps: counter.steps, total }
  } finally {
    job.end()
  }
}

/** What a name costs more than its sys_id, each. */
async function perLookUp(instance: Instance, api: Api): Promise<number> {
  const counter = new Counter(instance, api)
  try {
    const bySysId = await counter.run('create-change', CHANGE, { GITHUB_RUN_ID: '1' })
    const byName = await counter.run('create-change', { ...CHANGE, ...BY_NAME }, { GITHUB_RUN_ID: '2' })
    return (byName.requests.length - bySysId.requests.length) / Object.keys(BY_NAME).length
  } finally {
    counter.job.end()
  }
}

function judge(lifecycles: readonly Lifecycle[], perName: readonly { api: Api; requests: number }[]): Result {
  const names = Math.max(...perName.map(one => one.requests))
  const findings = WAYS.map(way => {
    const both = lifecycles.filter(one => one.way === way)
    const finding = {
      what: `requests of a whole normal lifecycle, two files ${way}, all names as sys_id`,
      measured: both.map(one => `${one.total} (${one.api} API)`).join(', ')
    }
    if (way === 'attached by attach-evidence') return finding
    return {
      ...finding,
      target: `≤ ${MAX_REQUESTS}`,
      met: both.every(one => one.total <= MAX_REQUESTS)
    }
  })
  return {
    findings: [
      ...findings,
      { what: 'requests more for each name', target: '≤ 1', measured: String(names), met: names <= 1 }
    ],
    details: lifecycles.map(describe).join('\n\n')
  }
}

function describe({ api, way, steps, total }: Lifecycle): string {
  const rows = steps.map(({ action, requests: made }) => [
    action,
    String(made.length),
    made.map(one => `${one.method} ${shortened(one.path)}`).join(', ')
  ])
  return `${api} API, two files ${way}: ${total} requests.\n\n${table(['step', 'requests', 'which'], rows)}`
}

function shortened(path: string): string {
  return path
    .replace(/^\/api\/(?:sn_chg_rest\/(?:v1\/)?|now\/(?:table\/)?)/, '')
    .replace(/[0-9a-f]{32}/, '{sys_id}')
}
