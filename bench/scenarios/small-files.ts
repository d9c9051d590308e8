import { readFileSync } from 'node:fs'
import { API_KEYS, type RequestRecord } from '@change-actions/sandbox'
import { type Instance, withInstance } from '../instance/instance.ts'
import { ratio, seconds, table } from '../measure/format.ts'
import { interleaved, median } from '../measure/statistics.ts'
import { BenchJob } from '../measure/step.ts'
import type { Result, Scenario } from '../scenario.ts'

const ROUNDS = 3
const FILES = 200
const LATENCY_MS = 50
const MAX_SHARE = 1 / 3
const MAX_AT_ONCE = 4

/** Many small files to an instance that takes its time for each. */
export const smallFiles: Scenario = {
  name: 'small-files',
  title: `Attaching ${FILES} small files`,
  run: () => withInstance({ latencyMs: LATENCY_MS }, measure)
}

async function measure(instance: Instance): Promise<Result> {
  const job = new BenchJob(instance.url)
  try {
    const files = Array.from({ length: FILES }, (_, n) =>
      job.file(`reports/${n}.txt`, `Report ${n}\n`.repeat(200))
    )
    let atOnce = 0
    const taken = await interleaved(ROUNDS, {
      sequential: async () => oneAfterTheOther(instance, await instance.ask('plant'), files),
      action: async () => {
        const change = await instance.ask('plant')
        const before = (await instance.ask('requests')).length
        const { ms } = await job.pass('attach-evidence', {
          'change-sys-id': change,
          files: 'reports/*.txt'
        })
        atOnce = Math.max(atOnce, inWorkAtOnce((await instance.ask('requests')).slice(before)))
        return ms
      }
    })
    return judge(taken, atOnce)
  } finally {
    job.end()
  }
}

/** The fastest that can be had with one request at a time: one connection, and nothing but the uploads. */
async function oneAfterTheOther(
  instance: Instance,
  change: string,
  files: readonly string[]
): Promise<number> {
  const started = performance.now()
  for (const [n, file] of files.entries()) {
    const query = `table_name=change_request&table_sys_id=${change}&file_name=${n}.txt`
    const answer = await fetch(`${instance.url}/api/now/attachment/file?${query}`, {
      method: 'POST',
      headers: { 'x-sn-apikey': API_KEYS[0]?.key ?? '', 'Content-Type': 'text/plain' },
      body: readFileSync(file)
    })
    if (answer.status !== 201) throw new Error(`${answer.status} ${await answer.text()}`)
    await answer.text()
  }
  return performance.now() - started
}

/** Every request is in work for the latency at least, from its arrival on. */
function inWorkAtOnce(requests: readonly RequestRecord[]): number {
  const uploads = requests.filter(one => one.path === '/api/now/attachment/file')
  const counts = uploads.map(
    ({ at }) => uploads.filter(one => one.at <= at && at < one.at + LATENCY_MS - 1).length
  )
  return Math.max(...counts)
}

function judge({ sequential, action }: Record<'sequential' | 'action', number[]>, atOnce: number): Result {
  const share = median(action) / median(sequential)
  return {
    findings: [
      {
        what: `attaching ${FILES} small files at ${LATENCY_MS} ms latency`,
        target: `≤ ${ratio(MAX_SHARE)} of one after the other`,
        measured: ratio(share),
        met: share <= MAX_SHARE
      },
      {
        what: 'uploads in work at once',
        target: `≤ ${MAX_AT_ONCE}`,
        measured: String(atOnce),
        met: atOnce <= MAX_AT_ONCE
      }
    ],
    details: table(
      ['', 'time'],
      [
        ['one upload after the other, and nothing else', seconds(median(sequential))],
        ['attach-evidence, whole process', seconds(median(action))]
      ]
    )
  }
}
