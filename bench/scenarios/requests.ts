import { seedId } from '@change-actions/sandbox'
import { type Instance, withInstance } from '../instance/instance.ts'
import { table } from '../measure/format.ts'
import { measurePolls, type PollBytes } from '../measure/poll-bytes.ts'
import {
  APIS,
  type Api,
  isSignIn,
  RequestCounter,
  SIGN_INS,
  type SignIn,
  type StepCount
} from '../measure/request-counter.ts'
import type { Finding, Result, Scenario } from '../scenario.ts'

/** Of four steps, beside the sign-ins. One of them reads back which run has claimed the change. */
const MAX_REQUESTS = 16
const MAX_POLL_BYTES = 1_000

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

interface Lifecycle {
  readonly api: Api
  readonly variant: Variant
  readonly signIn: SignIn
  readonly steps: readonly StepCount[]
  /** Sign-ins included. */
  readonly total: number
  readonly signIns: number
}

/** The requests of a normal change from creation to close, and what the polls of a wait read. */
export const requests: Scenario = {
  name: 'requests',
  title: 'Requests of a whole lifecycle',
  run: async () => {
    const lifecycles: Lifecycle[] = []
    const perName: { api: Api; requests: number }[] = []
    const polls: PollBytes[] = []
    for (const api of APIS) {
      for (const variant of VARIANTS)
        for (const signIn of SIGN_INS)
          lifecycles.push(await withInstance({}, one => lifecycle(one, { api, variant, signIn })))
      perName.push({ api, requests: await withInstance({}, one => requestsPerName(one, api)) })
      polls.push(await measurePolls(api, CHANGE))
    }
    return toResult(lifecycles, perName, polls)
  }
}

async function lifecycle(
  instance: Instance,
  kind: Pick<Lifecycle, 'api' | 'variant' | 'signIn'>
): Promise<Lifecycle> {
  const counter = new RequestCounter(instance, kind.api, kind.signIn)
  const { job } = counter
  try {
    const files = ['report.json', 'scan.txt']
    for (const name of files) job.file(name, `content of ${name}`)
    const attachedAtCreation = kind.variant === 'attached by create-change'
    await counter.run('create-change', {
      ...CHANGE,
      ...(attachedAtCreation && { attachments: files.map(name => `- ${name}`).join('\n') })
    })
    await instance.call('approve', 'CHG0030001')
    await counter.run('wait-approval', { timeout: '0' })
    await counter.run('update-change', { state: 'implement' })
    if (!attachedAtCreation) await counter.run('attach-evidence', { files: files.join('\n') })
    await counter.run('update-change', { state: 'by-job-status', 'job-status': 'success' })
    const sent = counter.steps.flatMap(step => step.requests)
    return { ...kind, steps: counter.steps, total: sent.length, signIns: sent.filter(isSignIn).length }
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
  perName: readonly { api: Api; requests: number }[],
  polls: readonly PollBytes[]
): Result {
  const names = Math.max(...perName.map(one => one.requests))
  return {
    findings: [
      ...VARIANTS.flatMap(variant => lifecycleFindings(lifecycles.filter(one => one.variant === variant))),
      { what: 'additional requests for each name', target: '≤ 1', measured: String(names), met: names <= 1 },
      {
        what: 'response to a poll of a wait, uncompressed',
        target: `≤ ${MAX_POLL_BYTES} bytes`,
        measured: perApi(polls, one => `${one.poll} bytes`),
        met: polls.every(one => one.poll <= MAX_POLL_BYTES)
      },
      { what: 'the whole record, in comparison', measured: perApi(polls, one => `${one.whole} bytes`) }
    ],
    details: lifecycles
      .filter(one => one.signIn === 'OAuth')
      .map(describeLifecycle)
      .join('\n\n')
  }
}

/** The target is for the four steps. */
function lifecycleFindings(both: readonly Lifecycle[]): Finding[] {
  const [basic, oauth] = SIGN_INS.map(signIn => both.filter(one => one.signIn === signIn)) as [
    Lifecycle[],
    Lifecycle[]
  ]
  const first = both[0]?.variant
  const what = `requests of a whole normal lifecycle, two files ${first}, all names as sys_id, tasks left`
  const target = (max: number, lifecycles: readonly Lifecycle[]) =>
    first === 'attached by create-change'
      ? { target: `≤ ${max}`, met: lifecycles.every(one => one.total <= max) }
      : {}
  const steps = oauth[0]?.steps.length ?? 0
  return [
    { what: `${what}, Basic`, measured: perApi(basic, one => one.total), ...target(MAX_REQUESTS, basic) },
    {
      what: 'the same with OAuth, which signs in once in each step',
      measured: perApi(oauth, one => `${one.total}, ${one.signIns} of them sign-ins`),
      ...target(MAX_REQUESTS + steps, oauth)
    }
  ]
}

function perApi<T extends { readonly api: Api }>(
  all: readonly T[],
  text: (one: T) => string | number
): string {
  return all.map(one => `${text(one)} (${one.api} API)`).join(', ')
}

function describeLifecycle({ api, variant, steps, total }: Lifecycle): string {
  const rows = steps.map(({ action, requests: sent }) => [
    action,
    String(sent.length),
    sent.map(one => `${one.method} ${shortPath(one.path)}`).join(', ')
  ])
  return `${api} API, OAuth, two files ${variant}: ${total} requests.\n\n${table(['step', 'requests', 'which'], rows)}`
}

/** A path without the root of its API, and with a placeholder for the sys_id. */
function shortPath(path: string): string {
  return path
    .replace(/^\/api\/(?:sn_chg_rest\/(?:v1\/)?|now\/(?:table\/)?)/, '')
    .replace(/[0-9a-f]{32}/, '{sys_id}')
}
