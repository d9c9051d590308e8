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
const MAX_CONCURRENT = 4

/** Many small files to an instance with latency. */
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
    let concurrent = 0
    const times = await interleaved(ROUNDS, {
      sequential: async () => uploadSequentially(instance, await instance.call('insertChange'), files),
      action: async () => {
        const change = await instance.call('insertChange')
        const before = (await instance.call('requests')).length
        const { ms } = await job.runSuccessfully('attach-evidence', {
          'change-sys-id': change,
          files: 'reports/*.txt'
        })
        concurrent = Math.max(concurrent, concurrentUploads((await instance.call('requests')).slice(before)))
        return ms
      }
    })
    return toResult(times, concurrent)
  } finally {
    job.delete()
  }
}

/** Milliseconds of the uploads alone, one after the other on one connection. */
async function uploadSequentially(
  instance: Instance,
  change: string,
  files: readonly string[]
): Promise<number> {
  const started = performance.now()
  for (const [n, file] of files.entries()) {
    const query = `table_name=change_request&table_sys_id=${change}&file_name=${n}.txt`
    const response = await fetch(`${instance.url}/api/now/attachment/file?${query}`, {
      method: 'POST',
      headers: { 'x-sn-apikey': API_KEYS[0]?.key ?? '', 'Content-Type': 'text/plain' },
      body: readFileSync(file)
    })
    if (response.status !== 201) throw new Error(`${response.status} ${await response.text()}`)
    await response.text()
  }
  return performance.now() - started
}

/** The maximum number of concurrent uploads. Each upload takes at least the latency. */
function concurrentUploads(requests: readonly RequestRecord[]): number {
  const uploads = requests.filter(one => one.path === '/api/now/attachment/file')
  const counts = uploads.map(
    ({ at }) => uploads.filter(one => one.at <= at && at < one.at + LATENCY_MS - 1).length
  )
  return Math.max(...counts)
}

function toResult(
  { sequential, action }: Record<'sequential' | 'action', number[]>,
  concurrent: number
): Result {
  const share = median(action) / median(sequential)
  return {
    findings: [
      {
        what: `attaching ${FILES} small files at ${LATENCY_MS} ms latency`,
        target: `≤ ${ratio(MAX_SHARE)} of sequential uploads`,
        measured: ratio(share),
        met: share <= MAX_SHARE
      },
      {
        what: 'concurrent uploads',
        target: `≤ ${MAX_CONCURRENT}`,
        measured: String(concurrent),
        met: concurrent <= MAX_CONCURRENT
      }
    ],
    details: table(
      ['', 'time'],
      [
        ['sequential uploads alone', seconds(median(sequential))],
        ['attach-evidence, whole process', seconds(median(action))]
      ]
    )
  }
}
