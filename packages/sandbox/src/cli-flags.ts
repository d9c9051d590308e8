import { parseArgs } from 'node:util'
import { type SandboxOptions, SEEDS, type SeedName } from './options.ts'

/** The text of `--help`. */
export const USAGE = `A ServiceNow instance on this machine, for demos and tests.

  servicenow-sandbox [flags]   start it
  servicenow-sandbox --record FILE --instance NAME
                               stand in front of an instance, and store requests and responses without secrets,
                               names and mail addresses
  servicenow-sandbox --replay FILE
                               give the responses of such a file
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
  /** Instead of an instance of its own. */
  readonly recording?:
    | { readonly kind: 'record'; readonly file: string; readonly instance: string }
    | { readonly kind: 'replay'; readonly file: string }
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
  scripts: { type: 'string' },
  'stop-after': { type: 'string' },
  record: { type: 'string' },
  replay: { type: 'string' },
  instance: { type: 'string' },
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

/** Flags that go with a recording: all others are of an instance. */
const WITH_RECORDING = ['record', 'replay', 'instance', 'port', 'stop-after', 'help']

/** @throws Error for flags that contradict each other */
function recordingOf(argv: readonly string[], env: FlagEnv): Flags['recording'] {
  const { values, tokens } = parseArgs({ args: [...argv], options: OPTIONS, tokens: true })
  const { record, replay, instance = env.SERVICENOW_INSTANCE } = values
  if (record === undefined && replay === undefined) {
    if (values.instance === undefined) return undefined
    throw new Error('--instance names the instance to record. Fix: give --record FILE, too, or leave it out.')
  }
  if (record !== undefined && replay !== undefined)
    throw new Error('--record and --replay cannot be given together. Fix: leave one out.')
  const others = tokens.flatMap(one =>
    one.kind === 'option' && !WITH_RECORDING.includes(one.name) ? one.rawName : []
  )
  if (others.length > 0)
    throw new Error(`${others.join(', ')}: not with --record or --replay. Fix: leave it out.`)
  if (replay !== undefined) return { kind: 'replay', file: replay }
  if (!instance)
    throw new Error('--record needs an instance. Fix: give --instance, or set SERVICENOW_INSTANCE.')
  return { kind: 'record', file: record ?? '', instance }
}

/** Variables that count. An empty one is none. */
export interface FlagEnv {
  readonly SANDBOX_PASSWORD?: string | undefined
  readonly SERVICENOW_INSTANCE?: string | undefined
}

/**
 * Reads the command line.
 * @throws Error for an unknown flag, a positional argument, a value that is not a number, or an unknown seed
 */
export function readFlags(argv: readonly string[], env: FlagEnv = {}): Flags {
  const values = parse(argv)
  const recording = recordingOf(argv, env)
  const password = env.SANDBOX_PASSWORD
  const { host } = values
  const stateFile = values['state-file']
  const autoApproveAfterMs = numberFlag('approve-after', values['approve-after'], 1000)
  const latencyMs = numberFlag('latency', values.latency, 1)
  const stopAfterMs = numberFlag('stop-after', values['stop-after'], 1000)
  return {
    help: values.help,
    ...(recording && { recording }),
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
    ...(values.scripts !== undefined && { scripts: values.scripts }),
    ...(stopAfterMs !== undefined && { stopAfterMs })
  }
}
