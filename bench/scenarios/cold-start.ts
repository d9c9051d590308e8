import { ratio } from '../measure/format.ts'
import { bareNode } from '../measure/process.ts'
import { interleaved } from '../measure/statistics.ts'
import { ACTIONS, type ActionName, BenchJob } from '../measure/step.ts'
import { factorOf, type Times, timesTable } from '../measure/times.ts'
import type { Result, Scenario } from '../scenario.ts'

const ROUNDS = 21
const TARGET = 2.5
/** What the vendor's action was measured at, in bare starts: it is not part of this repository. */
const VENDOR = 3.7
const SHARE_OF_VENDOR = 0.7

/** From the start of the process to its exit, when the inputs are wrong and nothing is sent. */
export const coldStart: Scenario = {
  name: 'cold-start',
  title: 'Cold start, input error path',
  run: async () => {
    const job = new BenchJob()
    try {
      const refused = async (action: ActionName) => {
        const step = await job.run(action)
        if (step.code !== 1) throw new Error(`${action} was to refuse its inputs:\n${step.log}`)
        return step.ms
      }
      const subjects = Object.fromEntries(ACTIONS.map(action => [action, () => refused(action)]))
      return judge(await interleaved(ROUNDS, { node: bareNode, ...subjects }))
    } finally {
      job.end()
    }
  }
}

function judge(times: Times): Result {
  const [slowest = ''] = [...ACTIONS].sort((a, b) => factorOf(times, b) - factorOf(times, a))
  const factor = factorOf(times, slowest)
  const ofVendor = factor / VENDOR
  return {
    findings: [
      {
        what: 'cold start, input error path, the slowest action',
        target: `≤ ${TARGET}× bare node`,
        measured: `${ratio(factor)} (${slowest})`,
        met: factor <= TARGET
      },
      {
        what: "the same, beside the vendor's action",
        target: `≤ ${SHARE_OF_VENDOR}× the vendor's`,
        measured: `${ratio(ofVendor)} of its reference, ${VENDOR}× bare node`,
        met: ofVendor <= SHARE_OF_VENDOR
      }
    ],
    details: timesTable(times)
  }
}
