/**
 * Hands damaged input to every parser of text from outside: none may throw what it does not declare, or take longer
 * than a second.
 *
 *   node test/fuzz/run.ts [--seed 7] [--inputs 10000] [--target records]
 *
 * An input is made of the seed, the target's name and its number, so that one alone can be made again.
 */
import { createHash, randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { randomOf } from './mutate.ts'
import type { Target } from './target.ts'
import { connectionTargets } from './targets/connection.ts'
import { inputTargets } from './targets/inputs.ts'
import { recordTargets } from './targets/records.ts'
import { reportTargets } from './targets/reports.ts'
import { responseTargets } from './targets/responses.ts'
import { startWatchdog } from './watchdog.ts'

const { values: options } = parseArgs({
  options: {
    seed: { type: 'string', default: String(randomInt(1_000_000)) },
    inputs: { type: 'string', default: '10000' },
    target: { type: 'string', default: '' },
    only: { type: 'string' }
  }
})

/** Of the processor's time: a busy machine may hold any input up. */
const MAX_MS = 1_000
/** A collection of garbage may fall on any input; one that is slow is slow every time. */
const TRIES = 3

const MAX_MESSAGE = 300

const targets = [
  ...inputTargets,
  ...reportTargets,
  ...responseTargets,
  ...recordTargets,
  ...connectionTargets
].filter(one => one.name.includes(options.target))
if (targets.length === 0) throw new Error(`no target is called ${options.target}`)
const watchdog = startWatchdog()
console.log(`seed ${options.seed}, ${options.inputs} inputs each`)
for (const target of targets) {
  const started = performance.now()
  const numbers =
    options.only === undefined
      ? Array.from({ length: Number(options.inputs) }, (_, n) => n)
      : [Number(options.only)]
  const problems: string[] = []
  for (const number of numbers) {
    const problem = await problemOf(target, number)
    if (problem !== undefined) problems.push(problem)
    if (problems.length > 4) break
  }
  const took = ((performance.now() - started) / 1000).toFixed(1)
  console.log(`${problems.length === 0 ? '✓' : '✗'} ${target.name} (${took} s)`)
  for (const problem of problems) console.log(problem)
  if (problems.length > 0) process.exitCode = 1
}
watchdog.end()

async function problemOf(target: Target, number: number): Promise<string | undefined> {
  const again = `  again: node test/fuzz/run.ts --seed ${options.seed} --target '${target.name}' --only ${number}`
  for (let tried = 1; ; tried += 1) {
    watchdog.begin(again)
    const before = process.cpuUsage()
    try {
      await target.run(randomOf(seedOf(target.name, number)))
    } catch (error) {
      if (target.declared?.(error) !== true) return `${textOf(error)}\n${again}`
    }
    const { user, system } = process.cpuUsage(before)
    const took = (user + system) / 1000
    if (took <= MAX_MS) return undefined
    if (tried === TRIES) return `took ${Math.round(took)} ms\n${again}`
  }
}

/** The message may hold all of a long input. */
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return `threw ${String(error).slice(0, MAX_MESSAGE)}`
  const { name, message, stack = '' } = error
  const frames = stack.slice(stack.indexOf(message) + message.length)
  return `${name}: ${message.slice(0, MAX_MESSAGE)}${frames.split('\n').slice(0, 6).join('\n')}`
}

function seedOf(name: string, number: number): number {
  return createHash('sha256').update(`${options.seed} ${name} ${number}`).digest().readUInt32LE()
}
