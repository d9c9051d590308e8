import { type DoorName, type FlowDoorName, isFlowDoor } from '@change-actions/change-control'
import { type Execution, type FlowProgress, openFlowDoor, runFlow } from '@change-actions/change-operations'
import { formatDuration, link, markdown, oneLine, type Step } from '@change-actions/github-actions'
import {
  type Connection,
  connect,
  identityOf,
  messageOfInputs,
  placeOf,
  reported,
  type StepReport
} from '@change-actions/github-actions/change'
import type { RunFlowInputs } from './inputs.ts'

/**
 * Starts a flow of ServiceNow and waits for its end.
 *
 * @throws Problem of a door, or of the client
 */
export async function run(step: Step<RunFlowInputs>): Promise<void> {
  const connection = connect(step)
  await reported(step, connection, { as: 'list', title: 'ServiceNow flow' }, report =>
    start(step, connection, report)
  )
}

async function start(
  step: Step<RunFlowInputs>,
  { client, context }: Connection,
  report: StepReport
): Promise<void> {
  const { inputs, outputs } = step
  report.aboutChange = false
  const startedAt = step.now()
  const name = inputs.flow ?? ''
  const message = messageOfInputs(step, inputs, { kind: 'flow', name, instance: client.instance })
  outputs.set('delivery-id', message.delivery)
  const door = openFlowDoor(flowDoorOf(inputs.door), placeOf(inputs))
  let latest: FlowProgress | undefined
  report.facts.push(['Flow', markdown(name || door.endpoint)], ['Delivery', markdown(message.delivery)])
  report.sections.push(summary => {
    if (latest === undefined) return
    const waited = ['Waited', formatDuration(step.now() - startedAt)] as const
    const { change } = latest
    const made =
      change === undefined ? [] : [['Change', link(change.number, client.changeUrl(change.sysId))] as const]
    summary.facts([...executionFacts(latest.execution), ...made, waited])
  })
  const ended = await runFlow(context, {
    door,
    message,
    timeoutMs: inputs.timeout,
    intervalMs: inputs.pollInterval,
    identity: identityOf(step.runtime, inputs),
    onProgress: progress => {
      latest = progress
      report.result = stateWord(progress.execution)
      writeProgress(step, report, progress)
    }
  })
  if (ended === undefined) report.result = 'dry-run'
  else if (isOver(ended.execution)) step.log.info(`Flow outputs: ${outputsText(step, ended.execution)}`)
  else step.log.info('The flow goes on; this step does not wait for it (timeout 0).')
}

/** Characters of the outputs of a flow in the log. */
const MAX_OUTPUTS = 1_000

function outputsText({ redact }: Step<RunFlowInputs>, { outputs }: Execution): string {
  return oneLine(redact(JSON.stringify(outputs)), MAX_OUTPUTS)
}

/** Everything that is known is written at once: the step may be stopped at any moment. */
function writeProgress(
  { outputs }: Step<RunFlowInputs>,
  report: StepReport,
  { receipt, execution, change }: FlowProgress
): void {
  outputs.set('accepted', true)
  if (receipt.duplicate !== undefined) outputs.set('duplicate', receipt.duplicate)
  outputs.set('execution-id', execution.id)
  outputs.set('flow-state', stateWord(execution))
  outputs.set('flow-outputs', { ...execution.outputs } as Record<string, never>)
  if (change === undefined) return
  report.change = change
  report.aboutChange = true
  outputs.set('change-sys-id', change.sysId)
  outputs.set('change-number', change.number)
}

/** To those who wait for it, a flow that runs is one that waits. */
function stateWord({ state }: Execution): string {
  return state === 'in_progress' ? 'waiting' : state
}

function isOver({ state }: Execution): boolean {
  return state === 'complete' || state === 'error' || state === 'canceled'
}

function executionFacts(execution: Execution): (readonly [string, string])[] {
  const { id, error } = execution
  return [
    ...(id === '' ? [] : [['Execution', markdown(id)] as const]),
    ['Flow state', stateWord(execution)],
    ...(error === '' ? [] : [['Reason', markdown(oneLine(error, MAX_OUTPUTS))] as const])
  ]
}

/** @throws TypeError when the inputs were not checked before */
function flowDoorOf(door: DoorName): FlowDoorName {
  if (isFlowDoor(door)) return door
  throw new TypeError(`no flow can be started at ${door}`)
}
