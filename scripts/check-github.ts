/** Answers open questions about GitHub in a repository of one's own: `node scripts/check-github.ts --help`. */
import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { checkGithub, clean, type World } from './check-github/check.ts'
import { type Settings, settingsFrom, USAGE } from './check-github/settings.ts'

/** For the shell: ended by SIGINT. */
const INTERRUPTED = 130

/** The first signal stops the questions; removing goes on. */
function signalOf(): AbortSignal {
  const controller = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.on(name, () => {
      console.error('Stopping: what was made is removed first')
      controller.abort()
    })
  return controller.signal
}

async function main(settings: Settings): Promise<number> {
  const world: World = {
    signal: signalOf(),
    stamp: randomBytes(3).toString('hex'),
    now: Date.now,
    sleep: ms => delay(ms),
    tell: line => console.error(line)
  }
  if (settings.clean) {
    const left = await clean(settings, world)
    for (const one of left) console.error(`Could not be removed: ${one}`)
    return left.length === 0 ? 0 : 1
  }
  const { report, left, interrupted } = await checkGithub(settings, world)
  console.log(report)
  if (interrupted) return INTERRUPTED
  return left.length === 0 ? 0 : 1
}

if (process.argv.includes('--help')) console.log(USAGE)
else {
  try {
    process.exitCode = await main(settingsFrom(process.argv.slice(2), process.env))
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`)
    process.exitCode = 2
  }
}
