import { ratio } from '../measure/format.ts'
import { bareNode } from '../measure/process.ts'
import { interleaved } from '../measure/statistics.ts'
import { ACTIONS, type ActionName, BenchJob } from '../measure/step.ts'
import { factorOf, type Times, timesTable } from '../measure/times.ts'
import type { Result, Scenario } from '../scenario.ts'

const ROUNDS = 21
const MAX_FACTOR = 2.5
/** ServiceNow's own action, as a multiple of `node -e 0`. It was measured outside of this repository. */
const SERVICENOW_FACTOR = 3.7
const MAX_SHARE_OF_SERVICENOW = 0.7

/** The time of each action with invalid inputs, from the start of the process to its exit. No request is sent. */
export const coldStart: Scenario = {
  name: 'cold-start',
  title: 'Cold start, input error path',
  run: async () => {
    const job = new BenchJob()
    try {
      const failingStep = async (action: ActionName) => {
        const step = await job.run(action)
        if (step.code !== 1) throw new Error(`${action} did not fail with exit code 1:\n${step.log}`)
        return step.ms
      }
      const subjects = Object.fromEntries(ACTIONS.map(action => [action, () => failingStep(action)]))
      return toResult(await interleaved(ROUNDS, { node: bareNode, ...subjects }))
    } finally {
      job.delete()
    }
  }
}

function toResult(times: Times): Result {
  const [slowest = ''] = [...ACTIONS].sort((a, b) => factorOf(times, b) - factorOf(times, a))
  const factor = factorOf(times, slowest)
  const shareOfServiceNow = factor / SERVICENOW_FACTOR
  return {
    findings: [
      {
        what: 'cold start, input error path, the slowest action',
        target: `≤ ${MAX_FACTOR}× bare node`,
        measured: `${ratio(factor)} (${slowest})`,
        met: factor <= MAX_FACTOR
      },
      {
        what: "the same, compared with ServiceNow's own action",
        target: `≤ ${MAX_SHARE_OF_SERVICENOW}×`,
        measured: `${ratio(shareOfServiceNow)} of ${SERVICENOW_FACTOR}× bare node`,
        met: shareOfServiceNow <= MAX_SHARE_OF_SERVICENOW
      }
    ],
    details: timesTable(times)
  }
}
