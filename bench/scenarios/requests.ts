import { type RequestRecord, seedId } from '@change-actions/sandbox'
import { type Instance, withInstance } from '../instance/instance.ts'
import { table } from '../measure/format.ts'
import { type ActionName, BenchJob } from '../measure/step.ts'
import type { Result, Scenario } from '../scenario.ts'

/** One of them reads back which run has claimed the change. */
const MAX_REQUESTS = 21
const APIS = ['change-management', 'table'] as const
type Api = (typeof APIS)[number]

/**
 * Which step attaches the two files: create-change (four steps, which have a target), or attach-evidence (five steps;
 * the additional one signs in and reads the change again).
 */
const VARIANTS = ['attached by create-change', 'attached by attach-evidence'] as const
type Variant = (typeof VARIANTS)[number]

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
  readonly variant: Variant
  readonly steps: readonly StepCount[]
  readonly total: number
}

/** The requests of a normal change from creation to close, sign-ins included. */
export const requests: Scenario = {
  name: 'requests',
  title: 'Requests of a whole lifecycle',
  run: async () => {
    const lifecycles: Lifecycle[] = []
    const perName: { api: Api; requests: number }[] = []
    for (const api of APIS) {
      for (const variant of VARIANTS)
        lifecycles.push(await withInstance({}, one => lifecycle(one, api, variant)))
      perName.push({ api, requests: await withInstance({}, one => requestsPerName(one, api)) })
    }
    return toResult(lifecycles, perName)
  }
}

/** Runs steps one after the other and records the requests of each. */
class RequestCounter {
  readonly steps: StepCount[] = []
  readonly job: BenchJob
  readonly #instance: Instance
  #counted = 0

  constructor(instance: Instance, api: Api) {
    this.#instance = instance
    this.job = new BenchJob(instance.url, { SERVICENOW_API: api })
  }

  async run(action: ActionName, inputs: Readonly<Record<string, string>>, env = {}): Promise<StepCount> {
    await this.job.runSuccessfully(action, inputs, env)
    const all = await this.#instance.call('requests')
    const step = { action, requests: all.slice(this.#counted) }
    this.#counted = all.length
    this.steps.push(step)
    return step
  }
}

async function lifecycle(instance: Instance, api: Api, variant: Variant): Promise<Lifecycle> {
  const counter = new RequestCounter(instance, api)
  const { job } = counter
  try {
    const files = ['report.json', 'scan.txt']
    for (const name of files) job.file(name, `content of ${name}`)
    const attachedAtCreation = variant === 'attached by create-change'
    await counter.run('create-change', {
      ...CHANGE,
      ...(attachedAtCreation && { attachments: files.map(name => `- ${name}`).join('\n') })
    })
    await instance.call('approve', 'CHG0030001')
    await counter.run('wait-approval', { timeout: '0' })
    await counter.run('update-change', { state: 'implement' })
    if (!attachedAtCreation) await counter.run('attach-evidence', { files: files.join('\n') })
    await counter.run('update-change', { state: 'by-job-status', 'job-status': 'success' })
    const total = counter.steps.reduce((sum, step) => sum + step.requests.length, 0)
    return { api, variant, steps: counter.steps, total }
  } finally {
    job.delete()
  }
}

/** The additional requests for each name that is used instead of a sys_id. */
async function requestsPerName(instance: Instance, api: Api): Promise<number> {
  const counter = new RequestCounter(instance, api)
  try {
    const bySysId = await counter.run('create-change', CHANGE, { GITHUB_RUN_ID: '1' })
    const byName = await counter.run('create-change', { ...CHANGE, ...BY_NAME }, { GITHUB_RUN_ID: '2' })
    return (byName.requests.length - bySysId.requests.length) / Object.keys(BY_NAME).length
  } finally {
    counter.job.delete()
  }
}

function toResult(
  lifecycles: readonly Lifecycle[],
  perName: readonly { api: Api; requests: number }[]
): Result {
  const names = Math.max(...perName.map(one => one.requests))
  const findings = VARIANTS.map(variant => {
    const both = lifecycles.filter(one => one.variant === variant)
    const finding = {
      what: `requests of a whole normal lifecycle, two files ${variant}, all names as sys_id`,
      measured: both.map(one => `${one.total} (${one.api} API)`).join(', ')
    }
    if (variant === 'attached by attach-evidence') return finding
    return {
      ...finding,
      target: `≤ ${MAX_REQUESTS}`,
      met: both.every(one => one.total <= MAX_REQUESTS)
    }
  })
  return {
    findings: [
      ...findings,
      { what: 'additional requests for each name', target: '≤ 1', measured: String(names), met: names <= 1 }
    ],
    details: lifecycles.map(describeLifecycle).join('\n\n')
  }
}

function describeLifecycle({ api, variant, steps, total }: Lifecycle): string {
  const rows = steps.map(({ action, requests: sent }) => [
    action,
    String(sent.length),
    sent.map(one => `${one.method} ${shortPath(one.path)}`).join(', ')
  ])
  return `${api} API, two files ${variant}: ${total} requests.\n\n${table(['step', 'requests', 'which'], rows)}`
}

/** A path without the root of its API, and with a placeholder for the sys_id. */
function shortPath(path: string): string {
  return path
    .replace(/^\/api\/(?:sn_chg_rest\/(?:v1\/)?|now\/(?:table\/)?)/, '')
    .replace(/[0-9a-f]{32}/, '{sys_id}')
}
