import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Time and memory of a process, from its start to its exit. */
export interface Cost {
  readonly ms: number
  /** Maximum resident memory, in bytes; 0 when it is not measured. */
  readonly peakBytes: number
}

/**
 * Milliseconds until a process exits.
 *
 * @param started `performance.now()` before the process was started
 * @throws Error when the process cannot be started
 */
export function timeToExit(child: ChildProcess, started: number): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', () => resolve(performance.now() - started))
  })
}

/**
 * Runs a program.
 *
 * @returns milliseconds until it exits
 * @throws Error with its output when the exit code is not 0
 */
export async function runTimed(program: string, args: readonly string[], env = process.env): Promise<number> {
  const started = performance.now()
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8')
    stream.on('data', (text: string) => {
      output += text
    })
  }
  const elapsed = await timeToExit(child, started)
  if (child.exitCode !== 0) throw new Error(`${program} ended with exit code ${child.exitCode}: ${output}`)
  return elapsed
}

/** Milliseconds of `node -e 0`. No step can be faster. */
export function bareNode(): Promise<number> {
  return runTimed(process.execPath, ['-e', '0'])
}

const PRELOAD = join(import.meta.dirname, 'peak-memory.cjs')

/**
 * Measures the maximum memory of a process.
 *
 * @param run starts the process with these variables in its environment, and returns its milliseconds
 */
export async function withPeakMemory(
  run: (env: Readonly<Record<string, string>>) => Promise<number>
): Promise<Cost> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'))
  const file = join(folder, 'peak')
  try {
    const elapsed = await run({ NODE_OPTIONS: `--require ${JSON.stringify(PRELOAD)}`, BENCH_PEAK_FILE: file })
    return { ms: elapsed, peakBytes: Number(readFileSync(file, 'utf8')) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
