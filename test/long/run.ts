/**
 * What takes too long for every change: simulations, properties with many seeds, damaged input, mutants.
 *
 *   npm run test:long                       everything, with a seed of its own, which it prints
 *   npm run test:long -- --seed 7           the same again
 *   npm run test:long -- --sample           a small part of each, as CI does it
 *   npm run test:long -- --part fuzz        one part: simulations, properties, fuzz or mutants
 */
import { spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

const root = join(import.meta.dirname, '..', '..')

const { values: options } = parseArgs({
  options: {
    seed: { type: 'string', default: String(randomInt(1_000_000)) },
    sample: { type: 'boolean', default: false },
    part: { type: 'string' }
  }
})
const seed = Number(options.seed)
if (!Number.isSafeInteger(seed)) throw new Error(`--seed is not a whole number: ${options.seed}`)

/** How many seeds the properties are held against. A sample is what every `npm test` does anyway, with another seed. */
const SEEDS = options.sample ? 1 : 25
/** Damaged inputs that each parser is given. */
const INPUTS = options.sample ? 300 : 10_000
const MUTANTS = options.sample ? 12 : 150
/** In percent. Of so few as in a sample, many more can survive by chance. */
const ACCEPTED_SURVIVORS = options.sample ? 50 : 10

const PARTS: Readonly<Record<string, () => Promise<boolean>>> = {
  simulations: () => jest('simulations', seed),
  properties: async () => {
    for (let n = 0; n < SEEDS; n += 1) if (!(await jest('properties', seed + n))) return false
    return true
  },
  fuzz: () => node('test/fuzz/run.ts', ['--seed', String(seed), '--inputs', String(INPUTS)]),
  mutants: () =>
    node('scripts/mutants.ts', [
      ...['--seed', String(seed), '--count', String(MUTANTS), '--survivors', String(ACCEPTED_SURVIVORS)]
    ])
}

const wanted = Object.keys(PARTS).filter(part => options.part === undefined || part === options.part)
if (wanted.length === 0) throw new Error(`--part is one of ${Object.keys(PARTS).join(', ')}`)

console.log(`seed ${seed}${options.sample ? ', a sample' : ''}`)
for (const part of wanted) {
  const started = performance.now()
  const passed = await PARTS[part]?.()
  const took = Math.round((performance.now() - started) / 1000)
  console.log(`${passed ? '✓' : '✗'} ${part} (${took} s)`)
  if (!passed) {
    console.log(`  again: npm run test:long -- --seed ${seed} --part ${part}`)
    process.exitCode = 1
  }
}

function jest(project: 'simulations' | 'properties', withSeed: number): Promise<boolean> {
  return node('node_modules/jest/bin/jest.js', [
    ...['--config', 'jest.long.config.js', '--selectProjects', project],
    ...['--silent', '--seed', String(withSeed)]
  ])
}

async function node(script: string, args: readonly string[]): Promise<boolean> {
  const child = spawn(
    process.execPath,
    ['--experimental-vm-modules', '--no-warnings', join(root, script), ...args],
    {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, LONG_TESTS: options.sample ? 'sample' : 'whole' }
    }
  )
  const [code] = await once(child, 'close')
  return code === 0
}
