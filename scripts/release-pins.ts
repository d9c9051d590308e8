/**
 * The reusable workflows of a release run the actions of that release: who pins a workflow by commit has pinned what it
 * runs. No commit can name itself, so the release is a commit that changes nothing but these lines, and they name the
 * commit before it. Pure functions: input and output are in release.ts.
 */

const SLUG = 'change-actions/servicenow'

/** The start of the line, the version, and the comment behind it; comments at the start of a line are for people. */
const USES = new RegExp(
  `^( *(?:- )?uses: ${SLUG}(?:/actions/[a-z-]{1,40})?)@([\\w.-]{1,60})( #[^\\n]{0,60})?$`,
  'gm'
)

/** The workflow with each of our actions at a commit. @param tag of the release, for the comment */
export function pinActions(workflow: string, commit: string, tag: string): string {
  return workflow.replace(USES, (_, start: string) => `${start}@${commit} # ${tag}`)
}

/** What our actions are used at, each once. */
export function usedAt(workflow: string): string[] {
  return [...new Set([...workflow.matchAll(USES)].map(([, , ref = '']) => ref))]
}

/**
 * The reasons why a tree cannot be the release; empty when its workflows run its own actions.
 *
 * @param workflows content of the reusable workflows, by file
 * @param changedSince the files that differ between a commit before this tree and it; undefined for a commit that is none
 */
export function pinProblems(
  workflows: Readonly<Record<string, string>>,
  changedSince: (commit: string) => readonly string[] | undefined
): string[] {
  const used = Object.entries(workflows).flatMap(([file, text]) => usedAt(text).map(ref => ({ file, ref })))
  return used.flatMap(({ file, ref }) => {
    if (!/^[0-9a-f]{40}$/.test(ref))
      return [`${file} uses our actions at ${ref}, not at a commit of this release.`]
    const changed = changedSince(ref)
    if (changed === undefined)
      return [`${file} uses our actions at ${ref}, which is no commit before this one.`]
    const others = changed.filter(one => !Object.hasOwn(workflows, one))
    return others.length === 0
      ? []
      : [`${file} uses our actions at ${ref}, since which ${others.join(', ')} changed.`]
  })
}
