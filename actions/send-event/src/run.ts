import { deliver, openDoor } from '@change-actions/change-operations'
import { markdown, type Step } from '@change-actions/github-actions'
import {
  type Connection,
  connect,
  messageOfInputs,
  placeOf,
  reported,
  type StepReport
} from '@change-actions/github-actions/change'
import type { SendEventInputs } from './inputs.ts'

/**
 * Hands one event over, and does not wait for what follows from it.
 *
 * @throws Problem of a door, or of the client
 */
export async function run(step: Step<SendEventInputs>): Promise<void> {
  const connection = connect(step)
  await reported(step, connection, { as: 'list', title: 'ServiceNow event' }, report =>
    send(step, connection, report)
  )
}

async function send(
  step: Step<SendEventInputs>,
  { client, context }: Connection,
  report: StepReport
): Promise<void> {
  const { inputs, outputs } = step
  report.aboutChange = false
  const name = inputs.event ?? ''
  const message = messageOfInputs(step, inputs, { kind: 'event', name, instance: client.instance })
  outputs.set('delivery-id', message.delivery)
  const door = openDoor(inputs.door, placeOf(inputs))
  report.facts.push(
    ['Event', markdown(name)],
    ['Sent to', markdown(door.endpoint)],
    ['Delivery', markdown(message.delivery)]
  )
  const receipt = await deliver(context, door, message)
  report.result = receipt === undefined ? 'dry-run' : 'accepted'
  if (receipt === undefined) return
  outputs.set('accepted', true)
  if (receipt.duplicate === undefined) return
  outputs.set('duplicate', receipt.duplicate)
  if (receipt.duplicate) report.facts.push(['Repeat', 'ServiceNow had it already'])
}
