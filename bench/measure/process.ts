import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What a process cost, from its start to its end. */
export interface Cost {
  readonly ms: number
  /** Peak of the resident memory; 0 unless it was asked for. */
  readonly peakBytes: number
}

/**
 * The time to a process's exit.
 *
 * @param started taken before it was started: a process may be gone before the call that starts it returns
 */
export function clocked(child: ChildProcess, started: number): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', () => resolve(performance.now() - started))
  })
}

/** Runs a program to its end. @throws Error when it fails */
export async function timed(program: string, args: readonly string[], env = process.env): Promise<number> {
  const started = performance.now()
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8')
    stream.on('data', (text: string) => {
      said += text
    })
  }
  const elapsed = await clocked(child, started)
  if (child.exitCode !== 0) throw new Error(`${program} ended with ${child.exitCode}: ${said}`)
  return elapsed
}

/** `node -e 0`: what no step can do without. */
export function bareNode(): Promise<number> {
  return timed(process.execPath, ['-e', '0'])
}

const PRELOAD = join(import.meta.dirname, 'peak-memory.cjs')

/** Runs with variables that make a process write down its peak memory, and reads that. */
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
