import { inputError, markdown, oneLine, type Step } from '@change-actions/github-actions'
import { connect, reported } from '@change-actions/github-actions/change'
import type { PreviewInputs } from './inputs.ts'
import { jsonOf } from './json.ts'
import { previewOf } from './preview.ts'
import { publish } from './publish.ts'
import { pullRequestOf } from './pull-request.ts'
import { textOf } from './text.ts'
import { type EnvironmentPreview, mistakesOf, namesOf, type Preview } from './types.ts'

const TITLE = 'Change preview'

/** Characters of one line of the log. */
const MAX_LINE = 1_000

/** Characters of one cell of a table. */
const MAX_TEXT = 500

/**
 * Says what merging would open, in the summary and on the pull request. It only reads in ServiceNow.
 *
 * @throws Problem `input` for a policy with mistakes, after the preview was written; Problem `preview-not-posted`
 */
export async function run(step: Step<PreviewInputs>): Promise<void> {
  // Read-only whatever happens: the client refuses every write.
  const connection = connect({ ...step, inputs: { ...step.inputs, dryRun: true } })
  const { client } = connection
  await reported(step, connection, { as: 'list', title: TITLE }, async report => {
    report.aboutChange = false
    const preview = await previewOf(step, connection)
    const pull = pullRequestOf(step.runtime)
    const changeUrl = (sysId: string) => client.changeUrl(sysId)
    const { instance } = client
    const plain = (one: string) => markdown(oneLine(step.redact(one), MAX_TEXT))
    const commit = pull?.commit ?? step.runtime.sha
    const text = textOf(preview, { plain, changeUrl, instance, commit })
    report.sections.push(({ line }) => [...text.head, ...text.environments].forEach(line))
    step.outputs.set('preview', jsonOf(preview, changeUrl))
    writeLog(step, preview)
    if (pull === undefined)
      step.log.info('No pull request started this run: the preview is in the summary alone.')
    else await publish(step, { preview, text, pull, instance })
    const mistakes = mistakesOf(preview)
    report.result = mistakes.length > 0 ? 'failed' : 'ok'
    if (mistakes.length > 0) throw inputError(mistakes)
  })
}

function writeLog({ log }: Step<PreviewInputs>, preview: Preview): void {
  if (preview.remark !== undefined) log.notice(preview.remark)
  for (const one of preview.environments) log.info(oneLine(lineOf(one), MAX_LINE))
  for (const { environment, input, text, fix } of namesOf(preview))
    log.warning(`${oneLine(`${environment}: ${input}: ${text}`, MAX_LINE)} Fix: ${fix}.`, TITLE)
}

function lineOf(one: EnvironmentPreview): string {
  if (one.kind === 'free') return one.why
  if (one.kind === 'refused') return `${one.environment}: refused by the policy`
  const { others } = one.change
  const conflicts = others.kind === 'read' ? String(others.changes.length) : 'not known'
  return `${one.environment || 'any environment'}: ${one.type ?? 'a'} change, other changes in the window: ${conflicts}`
}
