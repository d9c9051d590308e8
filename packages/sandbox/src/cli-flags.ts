import { parseArgs } from 'node:util'
import { type SandboxOptions, SEEDS, type SeedName } from './options.ts'

/** The text of `--help`. */
export const USAGE = `A ServiceNow instance on this machine, for demos and tests.

  servicenow-sandbox [flags]   start it
  servicenow-sandbox init      ask five questions, and write a starter workflow and policy

  --port N              port to listen on, 0 for a free one (default 8080)
  --state-file PATH     keep the data in this file, and attachments beside it
  --seed NAME           data of a new instance: change (default) or stock
  --approve-after SEC   approve every requested approval after this time
  --host ADDRESS        address to listen on (default 127.0.0.1); another than loopback needs --allow-network
  --allow-network       other machines may reach it; needs the variable SANDBOX_PASSWORD, a password of your own
  --latency MS          delay every response by this time
  --tasks               entering Implement creates two change tasks
  --readable-journal    accounts that read changes may read who wrote a note
  --stop-after SEC      stop by itself after this time
  --help                show this text
`

/** The command line as options of the sandbox. */
export interface Flags {
  readonly help: boolean
  readonly options: SandboxOptions
  /** Milliseconds until the sandbox stops; it does not stop by itself when absent. */
  readonly stopAfterMs?: number
}

/** A number of 0 or more, times `factor`. */
function numberFlag(flag: string, text: string | undefined, factor: number): number | undefined {
  if (text === undefined) return undefined
  const number = Number(text)
  if (text.trim() === '' || !Number.isFinite(number) || number < 0) {
    throw new Error(`--${flag} takes a number of 0 or more, not "${text}". Fix: correct it.`)
  }
  return number * factor
}

function seedFlag(text: string): SeedName {
  const found = SEEDS.find(name => name === text)
  if (!found) throw new Error(`--seed takes ${SEEDS.join(' or ')}, not "${text}". Fix: correct it.`)
  return found
}

const OPTIONS = {
  port: { type: 'string', default: '8080' },
  host: { type: 'string' },
  'allow-network': { type: 'boolean', default: false },
  'state-file': { type: 'string' },
  seed: { type: 'string', default: 'change' },
  'approve-after': { type: 'string' },
  latency: { type: 'string' },
  tasks: { type: 'boolean', default: false },
  'readable-journal': { type: 'boolean', default: false },
  'stop-after': { type: 'string' },
  help: { type: 'boolean', default: false }
} as const

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS }).values
  } catch (error) {
    // Node's message goes on with advice that is none for this command.
    const [first = ''] = (error as Error).message.split(/\.\s|\n/)
    throw new Error(`${first}. Fix: --help lists the flags.`, { cause: error })
  }
}

/**
 * Reads the command line.
 * @param password of the variable SANDBOX_PASSWORD; an empty one is none
 * @throws Error for an unknown flag, a positional argument, a value that is not a number, or an unknown seed
 */
export function readFlags(argv: readonly string[], password?: string): Flags {
  const values = parse(argv)
  const { host } = values
  const stateFile = values['state-file']
  const autoApproveAfterMs = numberFlag('approve-after', values['approve-after'], 1000)
  const latencyMs = numberFlag('latency', values.latency, 1)
  const stopAfterMs = numberFlag('stop-after', values['stop-after'], 1000)
  return {
    help: values.help,
    options: {
      port: numberFlag('port', values.port, 1) ?? 0,
      seed: seedFlag(values.seed),
      tasksOnImplement: values.tasks,
      readableJournal: values['readable-journal'],
      ...(host !== undefined && { host }),
      ...(values['allow-network'] && { allowNetwork: true }),
      ...(password && { password }),
      ...(stateFile !== undefined && { stateFile }),
      ...(autoApproveAfterMs !== undefined && { autoApproveAfterMs }),
      ...(latencyMs !== undefined && { latencyMs })
    },
    ...(stopAfterMs !== undefined && { stopAfterMs })
  }
}
