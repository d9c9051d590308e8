import { seedId } from '@change-actions/sandbox'
import { type Instance, withInstance } from '../instance/instance.ts'
import { ms, ratio, table } from '../measure/format.ts'
import { bareNode } from '../measure/process.ts'
import { interleaved, mean, median } from '../measure/statistics.ts'
import { BenchJob } from '../measure/step.ts'
import { factorOf, type Times, timesTable } from '../measure/times.ts'
import type { Result, Scenario } from '../scenario.ts'

const ROUNDS = 21
const MAX_FACTOR = 3.5

const MINIMUM = {
  'short-description': 'Deploy the shop',
  'assignment-group': seedId('sys_user_group', 'devops-team')
}
const SOME_NAMES = {
  ...MINIMUM,
  'assignment-group': 'DevOps Team',
  'cmdb-ci': 'prod-k8s-cluster',
  risk: 'low'
}
const ALL_NAMES = {
  ...SOME_NAMES,
  'assigned-to': 'dora.devops',
  'requested-by': 'anna.approver',
  priority: 'Moderate',
  category: 'Software'
}

/** The inputs of each variant, by its name in the tables. The last variant needs the maximum number of look-ups. */
const variantsWith = (parent: string) => ({
  'group as sys_id': MINIMUM,
  'group and CI by name, risk by label': SOME_NAMES,
  'five records by name, three choices by label': { ...ALL_NAMES, 'parent-change': parent }
})

/** The time of create-change, from the start of the process to its exit, with an instance without latency. */
export const createChange: Scenario = {
  name: 'create-change',
  title: 'create-change with an instance without latency',
  run: () => withInstance({}, measure)
}

async function measure(instance: Instance): Promise<Result> {
  const job = new BenchJob(instance.url)
  let runs = 0
  // Another run id each time: with the same one the action would reuse the change.
  const create = (inputs: Readonly<Record<string, string>>) => async () => {
    runs += 1
    return (await job.runSuccessfully('create-change', inputs, { GITHUB_RUN_ID: String(1000 + runs) })).ms
  }
  try {
    const { outputs } = await job.runSuccessfully('create-change', MINIMUM)
    const variants = variantsWith(outputs['change-number'] ?? '')
    const subjects = Object.fromEntries(
      Object.entries(variants).map(([name, inputs]) => [name, create(inputs)] as const)
    )
    const requests = await countRequests(instance, variants, create)
    const times = await interleaved(ROUNDS, { node: bareNode, ...subjects })
    const sandboxMs = mean((await instance.call('requests')).map(one => one.ms))
    return toResult(times, requests, sandboxMs)
  } finally {
    job.delete()
  }
}

/** The number of requests of each variant. */
async function countRequests(
  instance: Instance,
  variants: ReturnType<typeof variantsWith>,
  create: (inputs: Readonly<Record<string, string>>) => () => Promise<number>
): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const [name, inputs] of Object.entries(variants)) {
    const before = (await instance.call('requests')).length
    await create(inputs)()
    counts[name] = (await instance.call('requests')).length - before
  }
  return counts
}

function toResult(times: Times, requests: Readonly<Record<string, number>>, sandboxMs: number): Result {
  const lastVariant = Object.keys(requests).at(-1) ?? ''
  const factor = factorOf(times, lastVariant)
  return {
    findings: [
      {
        what: `create-change, whole process, ${lastVariant}`,
        target: `≤ ${MAX_FACTOR}× bare node`,
        measured: `${ratio(factor)} (${ms(median(times[lastVariant] ?? []))}, ${requests[lastVariant]} requests)`,
        met: factor <= MAX_FACTOR
      }
    ],
    details: [
      timesTable(times),
      table(
        ['requests', ''],
        Object.entries(requests).map(([name, count]) => [name, String(count)])
      ),
      `Mean time of a request in the sandbox: ${ms(sandboxMs)}.`
    ].join('\n\n')
  }
}
