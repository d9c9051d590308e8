import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { closeSync, openSync, writeSync } from 'node:fs'
import { API_KEYS } from '@change-actions/sandbox'
import { type Instance, withInstance } from '../instance/instance.ts'
import { mebibytes, ratio, seconds, table } from '../measure/format.ts'
import { type Cost, runTimed, withPeakMemory } from '../measure/process.ts'
import { interleaved, median } from '../measure/statistics.ts'
import { BenchJob } from '../measure/step.ts'
import type { Result, Scenario } from '../scenario.ts'

const ROUNDS = 5
const BYTES = 2 ** 30
const MAX_PEAK_BYTES = 96 * 2 ** 20
const MAX_TIME_FACTOR = 1.3

/** One file of 1 GiB: the time compared with curl, the memory compared with `node -e 0`. */
export const largeFile: Scenario = {
  name: 'large-file',
  title: 'Attaching a file of 1 GiB',
  run: () => withInstance({}, measure)
}

async function measure(instance: Instance): Promise<Result> {
  execFileSync('curl', ['--version'], { stdio: 'ignore' })
  const job = new BenchJob(instance.url)
  try {
    const file = job.file('image.tar', '')
    fill(file)
    const before = await instance.call('peakBytes')
    const costs = await interleaved(ROUNDS, {
      node: () => withPeakMemory(env => runTimed(process.execPath, ['-e', '0'], { ...process.env, ...env })),
      curl: () =>
        withNewChange(instance, async change => ({ ms: await curl(instance, change, file), peakBytes: 0 })),
      action: () => withNewChange(instance, change => attach(job, change))
    })
    return toResult(costs, before, await instance.call('peakBytes'))
  } finally {
    job.delete()
  }
}

/** Fills a file with random bytes: neither the disk nor the instance can compress them. */
function fill(file: string): void {
  const block = randomBytes(2 ** 20)
  const target = openSync(file, 'w')
  try {
    for (let written = 0; written < BYTES; written += block.length) {
      block.writeUInt32LE(written / block.length)
      writeSync(target, block)
    }
  } finally {
    closeSync(target)
  }
}

/** Runs `attachTo` with the sys_id of a new change, then deletes the attachments. */
async function withNewChange(instance: Instance, attachTo: (change: string) => Promise<Cost>): Promise<Cost> {
  const change = await instance.call('insertChange')
  const cost = await attachTo(change)
  await instance.call('deleteAttachments', change)
  return cost
}

/** Milliseconds of an upload by curl. */
function curl(instance: Instance, change: string, file: string): Promise<number> {
  const query = `table_name=change_request&table_sys_id=${change}&file_name=image.tar`
  const headers = [`x-sn-apikey: ${API_KEYS[0]?.key}`, 'Content-Type: application/x-tar']
  return runTimed('curl', [
    '--silent',
    '--show-error',
    '--fail',
    '--request',
    'POST',
    ...headers.flatMap(header => ['--header', header]),
    '--upload-file',
    file,
    `${instance.url}/api/now/attachment/file?${query}`
  ])
}

function attach(job: BenchJob, change: string): Promise<Cost> {
  return withPeakMemory(async env => {
    const inputs = { 'change-sys-id': change, files: 'image.tar' }
    return (await job.runSuccessfully('attach-evidence', inputs, env)).ms
  })
}

function toResult(
  { node, curl: curlCosts, action }: Record<'node' | 'curl' | 'action', Cost[]>,
  sandboxBefore: number,
  sandboxAfter: number
): Result {
  const peak = (costs: readonly Cost[]) => median(costs.map(one => one.peakBytes))
  const time = (costs: readonly Cost[]) => median(costs.map(one => one.ms))
  const over = peak(action) - peak(node)
  const factor = time(action) / time(curlCosts)
  return {
    findings: [
      {
        what: 'attaching 1 GiB, peak memory',
        target: `≤ ${mebibytes(MAX_PEAK_BYTES)} over bare node`,
        measured: `${mebibytes(over)} over bare node`,
        met: over <= MAX_PEAK_BYTES
      },
      {
        what: 'attaching 1 GiB, time',
        target: `≤ ${MAX_TIME_FACTOR}× curl`,
        measured: `${ratio(factor)} curl`,
        met: factor <= MAX_TIME_FACTOR
      }
    ],
    details: [
      table(
        ['process', 'time', 'peak memory'],
        [
          ['`node -e 0`', seconds(time(node)), mebibytes(peak(node))],
          ['`curl --upload-file` (`-T`)', seconds(time(curlCosts)), ''],
          ['attach-evidence, whole process', seconds(time(action)), mebibytes(peak(action))]
        ]
      ),
      `The sandbox itself: ${mebibytes(sandboxBefore)} before, ${mebibytes(sandboxAfter)} at most.`
    ].join('\n\n')
  }
}
