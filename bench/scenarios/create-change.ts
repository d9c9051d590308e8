import { seedId } from '@change-actions/sandbox'
import { type Instance, withInstance } from '../instance/instance.ts'
import { ms, ratio, table } from '../measure/format.ts'
import { bareNode } from '../measure/process.ts'
import { interleaved, mean, median } from '../measure/statistics.ts'
import { BenchJob } from '../measure/step.ts'
import { factorOf, type Times, timesTable } from '../measure/times.ts'
import type { Result, Scenario } from '../scenario.ts'

const ROUNDS = 21
const TARGET = 3.5

const PLAIN = {
  'short-description': 'Deploy the shop',
  'assignment-group': seedId('sys_user_group', 'devops-team')
}
const USUAL = {
  ...PLAIN,
  'assignment-group': 'DevOps Team',
  'cmdb-ci': 'prod-k8s-cluster',
  risk: 'low'
}
const EVERYTHING = {
  ...USUAL,
  'assigned-to': 'dora.devops',
  'requested-by': 'anna.approver',
  priority: 'Moderate',
  category: 'Software'
}

/** What is created, by its name in the tables; the last one takes the most look-ups. */
const inputsWith = (parent: string) => ({
  'group as sys_id': PLAIN,
  'group and CI by name, risk by label': USUAL,
  'five records by name, three choices by label': { ...EVERYTHING, 'parent-change': parent }
})

/** The whole process, from its start to its exit, against an instance that answers at once. */
export const createChange: Scenario = {
  name: 'create-change',
  title: 'create-change against an instance that answers at once',
  run: () => withInstance({}, measure)
}

async function measure(instance: Instance): Promise<Result> {
  const job = new BenchJob(instance.url)
  let runs = 0
  // Another run each time: the same one would take up its change again.
  const create = (inputs: Readonly<Record<string, string>>) => async () => {
    runs += 1
    return (await job.pass('create-change', inputs, { GITHUB_RUN_ID: String(1000 + runs) })).ms
  }
  try {
    const { outputs } = await job.pass('create-change', PLAIN)
    const inputs = inputsWith(outputs['change-number'] ?? '')
    const subjects = Object.fromEntries(
      Object.entries(inputs).map(([name, inputs]) => [name, create(inputs)] as const)
    )
    const requests = await countRequests(instance, inputs, create)
    const taken = await interleaved(ROUNDS, { node: bareNode, ...subjects })
    const inSandbox = mean((await instance.ask('requests')).map(one => one.ms))
    return judge(taken, requests, inSandbox)
  } finally {
    job.end()
  }
}

async function countRequests(
  instance: Instance,
  all: ReturnType<typeof inputsWith>,
  create: (inputs: Readonly<Record<string, string>>) => () => Promise<number>
): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const [name, inputs] of Object.entries(all)) {
    const before = (await instance.ask('requests')).length
    await create(inputs)()
    counts[name] = (await instance.ask('requests')).length - before
  }
  return counts
}

function judge(times: Times, requests: Readonly<Record<string, number>>, inSandboxMs: number): Result {
  const everything = Object.keys(requests).at(-1) ?? ''
  const factor = factorOf(times, everything)
  return {
    findings: [
      {
        what: `create-change, whole process, ${everything}`,
        target: `≤ ${TARGET}× bare node`,
        measured: `${ratio(factor)} (${ms(median(times[everything] ?? []))}, ${requests[everything]} requests)`,
        met: factor <= TARGET
      }
    ],
    details: [
      timesTable(times),
      table(
        ['requests', ''],
        Object.entries(requests).map(([name, count]) => [name, String(count)])
      ),
      `The sandbox took ${ms(inSandboxMs)} for a request.`
    ].join('\n\n')
  }
}
