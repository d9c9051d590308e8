import { parseArgs } from 'node:util'
import { type SandboxOptions, SEEDS, type SeedName } from './options.ts'

/** The text of `--help`. */
export const USAGE = `A ServiceNow instance on this machine, for demos and tests.

  --port N              port to listen on, 0 for a free one (default 8080)
  --state-file PATH     keep the data in this file, and attachments beside it
  --seed NAME           data of a new instance: change (default) or stock
  --approve-after SEC   approve every requested approval after this time
  --latency MS          delay every response by this time
  --tasks               entering Implement creates two change tasks
  --readable-journal    accounts that read changes may read who wrote a note
  --scripts FOLDER      run the scripts of a scoped application (its manifest.json)
  --stop-after SEC      stop by itself after this time
  --help                show this text
`

/** The command line as options of the sandbox. */
export interface Flags {
  readonly help: boolean
  readonly options: SandboxOptions
  /** Folder of the scripts of an application. */
  readonly scripts?: string
  /** Milliseconds until the sandbox stops; it does not stop by itself when absent. */
  readonly stopAfterMs?: number
}

/** A number of 0 or more, times `factor`. */
function numberFlag(flag: string, text: string | undefined, factor: number): number | undefined {
  if (text === undefined) return undefined
  const number = Number(text)
  if (text.trim() === '' || !Number.isFinite(number) || number < 0) {
    throw new Error(`--${flag} takes a number of 0 or more, not "${text}".`)
  }
  return number * factor
}

function seedFlag(text: string): SeedName {
  const found = SEEDS.find(name => name === text)
  if (!found) throw new Error(`--seed takes ${SEEDS.join(' or ')}, not "${text}".`)
  return found
}

/**
 * Reads the command line.
 * @throws Error for an unknown flag, a positional argument, a value that is not a number, or an unknown seed
 */
export function readFlags(argv: readonly string[]): Flags {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      port: { type: 'string', default: '8080' },
      'state-file': { type: 'string' },
      seed: { type: 'string', default: 'change' },
      'approve-after': { type: 'string' },
      latency: { type: 'string' },
      tasks: { type: 'boolean', default: false },
      'readable-journal': { type: 'boolean', default: false },
      scripts: { type: 'string' },
      'stop-after': { type: 'string' },
      help: { type: 'boolean', default: false }
    }
  })
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
      ...(stateFile !== undefined && { stateFile }),
      ...(autoApproveAfterMs !== undefined && { autoApproveAfterMs }),
      ...(latencyMs !== undefined && { latencyMs })
    },
    ...(values.scripts !== undefined && { scripts: values.scripts }),
    ...(stopAfterMs !== undefined && { stopAfterMs })
  }
}
