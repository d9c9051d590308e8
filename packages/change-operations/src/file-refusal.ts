import { isClientProblem } from '@change-actions/servicenow-client'

/** A file that the instance does not take, whoever sends it. */
export interface FileRefusal {
  /** The name it was given. */
  readonly file: string
  /** Which kind of rule refused it. */
  readonly rule: 'type' | 'name' | 'size'
  readonly status?: number | string | undefined
  /** The words of the instance. Untrusted text. */
  readonly message?: string | undefined
}

const RULES: readonly (readonly [RegExp, FileRefusal['rule']])[] = [
  [/file ?name/i, 'name'],
  [/file type|mime|content.?type|media.?type|extension/i, 'type'],
  [/\b(size|large|exceed)/i, 'size']
]

/** The statuses of a refusal by a rule on files; 415 and 413 say by themselves which. */
const STATUSES: readonly unknown[] = [400, 403, 406, 413, 415, 422]

/** The refusal, where an upload failed by a rule of the instance on names, types or sizes of files. */
export function refusalOf(error: unknown, file: string): FileRefusal | undefined {
  if (!isClientProblem(error) || !('status' in error.facts)) return undefined
  const { status, message = '' } = error.facts
  if (!STATUSES.includes(status)) return undefined
  // The words may repeat the name of the file, which says nothing of the rule.
  const words = message.replaceAll(file, '')
  const byStatus = status === 413 ? 'size' : status === 415 ? 'type' : undefined
  const rule = RULES.find(([pattern]) => pattern.test(words))?.[1] ?? byStatus
  return rule === undefined ? undefined : { file, rule, status, message }
}
