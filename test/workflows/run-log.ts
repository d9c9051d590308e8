/** What act tells about a run, line by line as JSON, made into something one can ask. */

export interface Step {
  readonly job: string
  readonly name: string
  /** Pre, Main or Post. */
  readonly stage: string
  readonly result: string
}

export interface Annotation {
  readonly job: string
  readonly step: string
  readonly kind: 'error' | 'warning' | 'notice'
  readonly title: string
  readonly text: string
}

export interface Run {
  readonly result: 'success' | 'failure'
  readonly seconds: number
  /** What a person would have seen. */
  readonly log: string
  readonly steps: readonly Step[]
  readonly annotations: readonly Annotation[]
  /** The result of each job that ran, by its name in the log. */
  readonly jobs: Readonly<Record<string, string>>
}

interface Line {
  readonly msg: string
  readonly raw?: string
  readonly raw_output?: boolean
  readonly job?: string
  readonly step?: string
  readonly stage?: string
  readonly stepResult?: string
  readonly jobResult?: string
  readonly command?: string
  readonly arg?: string
  readonly kvPairs?: Readonly<Record<string, string>>
}

export function readRun(text: string, code: number | null, seconds: number): Run {
  const lines = text.split('\n').flatMap(line => (line === '' ? [] : [parse(line)]))
  return {
    result: code === 0 ? 'success' : 'failure',
    seconds,
    log: lines.filter(isTelling).map(shown).join(''),
    steps: lines.flatMap(stepOf),
    annotations: lines.flatMap(annotationOf),
    jobs: Object.fromEntries(
      lines.flatMap(({ job, jobResult }) => (jobResult === undefined ? [] : [[job?.trim(), jobResult]]))
    )
  }
}

/** act's own errors come as plain text. */
function parse(line: string): Line {
  try {
    return JSON.parse(line) as Line
  } catch {
    return { msg: line }
  }
}

/** act's own remarks about Docker and about the folders that stand for repositories tell nothing. */
function isTelling({ msg }: Line): boolean {
  return !/^LocalRepositoryCache |docker connection/.test(msg)
}

function shown({ job, msg, raw_output: isOutput }: Line): string {
  const text = msg.replace(/\n+$/, '')
  return `${job === undefined ? '' : `[${job.trim()}] `}${isOutput ? '  | ' : ''}${text}\n`
}

function stepOf({ job = '', step = '', stage, stepResult: result }: Line): Step[] {
  return stage === undefined || result === undefined ? [] : [{ job: job.trim(), name: step, stage, result }]
}

function annotationOf(line: Line): Annotation[] {
  const { command, arg = '', kvPairs, job = '', step = '', msg, raw = msg } = line
  const where = { job: job.trim(), step }
  if (command === 'error' || command === 'warning')
    return [{ ...where, kind: command, title: kvPairs?.title ?? '', text: arg }]
  // act knows no notices and prints them.
  const notice = /^::notice(?: title=([^:,]*)[^:]*)?::(.*)$/s.exec(raw)
  if (notice === null) return []
  return [{ ...where, kind: 'notice', title: notice[1] ?? '', text: (notice[2] ?? '').trim() }]
}

/** Steps that are the caller's own: they fail without an error annotation. */
const SILENT = /\.sh\b|^(?:Deploy|Roll back) by /

/**
 * act does not wait for the output of a step that fails, so on a busy machine the last of it can be missing: the
 * error that would be looked for. Only a step that always leaves one can lack it.
 */
export function mayLackOutput({ steps, annotations }: Run): boolean {
  const failed = steps.filter(
    one => one.stage === 'Main' && one.result === 'failure' && !SILENT.test(one.name)
  )
  return failed.some(
    one =>
      !annotations.some(error => error.kind === 'error' && error.job === one.job && error.step === one.name)
  )
}
