/** Workflow commands (`::error title=…::message`) in the log of a step. */

/**
 * @typedef {object} Annotation
 * @property {'error' | 'warning' | 'notice' | 'debug'} kind
 * @property {string} title
 * @property {string} message
 */

const COMMAND = /^\s*::([a-z-]+)(?: ([^:]*(?:%3A[^:]*)*))?::(.*)$/

/**
 * The annotations and masks in a log. Like the runner, it finds commands at the start of a line only.
 *
 * @param {string} log
 * @returns {{ annotations: Annotation[]; masks: string[] }}
 */
export function parseLog(log) {
  /** @type {Annotation[]} */
  const annotations = []
  /** @type {string[]} */
  const masks = []
  for (const line of log.split('\n')) {
    const [, command, properties = '', data = ''] = COMMAND.exec(line) ?? []
    if (command === 'add-mask') masks.push(decode(data))
    if (command === 'error' || command === 'warning' || command === 'notice' || command === 'debug') {
      const title = /(?:^|,)title=([^,]*)/.exec(properties)?.[1] ?? ''
      annotations.push({ kind: command, title: decode(title), message: decode(data) })
    }
  }
  return { annotations, masks }
}

/** @param {string} text */
function decode(text) {
  return text
    .replaceAll('%0D', '\r')
    .replaceAll('%0A', '\n')
    .replaceAll('%3A', ':')
    .replaceAll('%2C', ',')
    .replaceAll('%25', '%')
}

/**
 * A line as the runner displays it; undefined for a line that it does not display.
 *
 * @param {string} line
 * @returns {string | undefined}
 */
export function displayedLine(line) {
  const [, command] = COMMAND.exec(line) ?? []
  if (command === undefined) return line
  const [annotation] = parseLog(line).annotations
  if (annotation === undefined || annotation.kind === 'debug') return undefined
  const kind = annotation.kind[0]?.toUpperCase() + annotation.kind.slice(1)
  return `${kind}: ${annotation.title === '' ? '' : `${annotation.title}: `}${annotation.message}`
}
