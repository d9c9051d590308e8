import { inputError } from '../inputs/error.ts'
import type { Runtime } from '../step/runtime.ts'

/** Where the policy file is looked for when none is named. */
export const DEFAULT_POLICY_FILE = '.github/servicenow-change.yml'

/** Where a policy is. */
export interface PolicyPlace {
  /** `owner/name`. */
  readonly repository: string
  /** From the root of the repository. */
  readonly path: string
  /** The commit of the run; for a central policy what follows the `@`, a commit, branch or tag. */
  readonly ref: string
  /** In the run's own repository, and its own commit. */
  readonly own: boolean
  /** Named by the input: a file that is not there is an error. */
  readonly given: boolean
  /** As the user writes it, for messages. */
  readonly shown: string
}

/** `owner/repo/path@ref`. A path of the own repository has no owner: it may begin with `.github`. */
const CENTRAL = /^([A-Za-z0-9][A-Za-z0-9_-]*\/[\w.-]+)\/(.+)@([^@\s]+)$/

/**
 * Where the policy of a step is.
 *
 * @param file `policy-file` as given; undefined: the default file of the run's repository
 * @throws Problem `input` for a path that leads out of the repository
 */
export function placeOf(
  file: string | undefined,
  { repository, sha }: Pick<Runtime, 'repository' | 'sha'>
): PolicyPlace {
  const [, other, rest, ref] = CENTRAL.exec(file ?? '') ?? []
  if (other !== undefined && rest !== undefined && ref !== undefined) {
    const path = normalPath(rest)
    return { repository: other, path, ref, own: false, given: true, shown: `${other}/${path}` }
  }
  const path = normalPath(file ?? DEFAULT_POLICY_FILE)
  return { repository, path, ref: sha.toLowerCase(), own: true, given: file !== undefined, shown: path }
}

function normalPath(file: string): string {
  const names = file.split('/').filter(name => name !== '.')
  if (names.every(name => name !== '' && name !== '..')) return names.join('/')
  throw inputError([
    `\`policy-file\` must be a path from the root of the repository, such as ${DEFAULT_POLICY_FILE}, or \`owner/repository/path@ref\` for a policy in another one, not \`${file}\`: the policy is read from a commit, never from the workspace`
  ])
}
