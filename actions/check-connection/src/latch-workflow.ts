/** Whether the workflow that is dispatched takes what resume-deployments gives it. */
import { readYaml } from '@change-actions/github-actions'
import { type RepositoryName, workflowText } from '@change-actions/github-api'
import { bad, type Finding, good, skipped } from './finding.ts'
import { attemptAt, fullName, type LatchCheck } from './latch-problem.ts'

const CHECK = 'Workflow'

/** The inputs of the dispatch. */
const GIVEN = ['change-number', 'change-sys-id', 'environment']

/** With `dispatch` alone. */
export async function workflowRow(check: LatchCheck, name: RepositoryName): Promise<readonly Finding[]> {
  const { latch, workflow, github } = check
  if (latch !== 'dispatch') return []
  if (workflow === undefined)
    return [skipped(CHECK, `${fullName(name)}: \`workflow\` is not given, so no workflow was looked at`)]
  const file = workflow.slice(workflow.lastIndexOf('/') + 1)
  const place = `${fullName(name)}, ${file}`
  const asked = await attemptAt(check, { check: CHECK, place }, () =>
    workflowText(github.octokit, name, file)
  )
  return ['row' in asked ? unreadRow(asked.row) : await judge(place, asked.value)]
}

/** The right to read it is needed anyway: resume-deployments reads the commit of the branch or tag. */
function unreadRow(row: Finding): Finding {
  if (!row.detail.includes('not-found')) return row
  return {
    ...row,
    fix: 'see that the file is in .github/workflows of the default branch, and that the token has the permission contents: read'
  }
}

interface Dispatch {
  readonly inputs: Readonly<
    Record<string, { readonly required?: unknown; readonly default?: unknown } | null>
  >
  readonly runName: string
}

async function judge(place: string, text: string): Promise<Finding> {
  const dispatch = await dispatchOf(text)
  const declared = Object.keys(dispatch?.inputs ?? {})
  if (dispatch === undefined)
    return bad(
      CHECK,
      'fail',
      `${place} cannot be started by workflow_dispatch, or is no workflow`,
      `add \`workflow_dispatch\` to its \`on\`, with the inputs ${GIVEN.join(', ')}`
    )
  const missing = GIVEN.filter(input => !declared.includes(input))
  if (missing.length > 0)
    return bad(
      CHECK,
      'fail',
      `${place} does not declare the input ${missing.join(', ')}: GitHub refuses to start it`,
      'declare it below `workflow_dispatch`, as text'
    )
  const unmet = Object.entries(dispatch.inputs).flatMap(([input, one]) =>
    one?.required === true && one.default === undefined && !GIVEN.includes(input) ? [input] : []
  )
  if (unmet.length > 0)
    return bad(
      CHECK,
      'fail',
      `${place} requires the input ${unmet.join(', ')}, which is not given: GitHub refuses to start it`,
      'make it optional, or give it a default'
    )
  if (!/inputs\.change-number/.test(dispatch.runName))
    return bad(
      CHECK,
      'fail',
      `${place} does not name the change in its \`run-name\`, so it would be started again and again`,
      'write `run-name: Deploy under ${{ inputs.change-number }}`'
    )
  return good(CHECK, `${place} takes ${GIVEN.join(', ')} and names the change`)
}

/** Undefined for a text that is no workflow with that trigger. */
async function dispatchOf(text: string): Promise<Dispatch | undefined> {
  const file = await readYaml(text).catch(() => undefined)
  const { on, 'run-name': runName } = mapOf(file)
  const isListed = on === 'workflow_dispatch' || (Array.isArray(on) && on.includes('workflow_dispatch'))
  if (!isListed && !('workflow_dispatch' in mapOf(on))) return undefined
  const { inputs } = mapOf(mapOf(on).workflow_dispatch)
  return { inputs: mapOf(inputs) as Dispatch['inputs'], runName: String(runName ?? '') }
}

function mapOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {}
}
