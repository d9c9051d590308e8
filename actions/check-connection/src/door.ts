/** The door of run-flow and send-event, as far as it can be checked without sending anything to it. */
import type { DoorName } from '@change-actions/change-control'
import { deliveryPath, refusalOf } from '@change-actions/change-operations'
import type { Step } from '@change-actions/github-actions'
import { placeOf } from '@change-actions/github-actions/change'
import { isClientProblem, type Problem, type ServiceNowClient } from '@change-actions/servicenow-client'
import { bad, type Finding, failed, good, skipped } from './finding.ts'
import type { CheckInputs } from './inputs.ts'

const DOOR = 'Door'
const SECRET = 'Signing secret'
const FLOW = 'Flow'
const EXECUTIONS = 'Flow executions'

/** No delivery has this name, and no record this sys_id. */
const NOBODYS = 'check-connection'

interface Place {
  readonly client: ServiceNowClient
  readonly door: DoorName
  readonly endpoint: string
  /** How far the instance's clock is ahead of the runner's, in milliseconds. */
  readonly aheadMs: number
}

/** Rows about a door; none where no door was named. */
export async function checkDoor(
  client: ServiceNowClient,
  { inputs, now }: Step<CheckInputs>
): Promise<Finding[]> {
  const { door, flow } = inputs
  if (door === undefined) return []
  const { endpoint } = placeOf({ ...inputs, door })
  const place = { client, door, endpoint, aheadMs: client.now() - now() }
  return [...(await CHECKS[door](place)), ...secretRows(door, inputs), ...flowRows(door, flow)]
}

const CHECKS: Readonly<Record<DoorName, (place: Place) => Promise<Finding[]>>> = {
  companion: async place => [await checkCompanion(place)],
  'rest-trigger': async ({ client, endpoint }) => [
    skipped(
      DOOR,
      `${endpoint}: any request would start the flow, so none was sent; the first run-flow tells`
    ),
    await checkExecutions(client)
  ],
  'event-management': async place => [await checkEventManagement(place)],
  'import-set': async place => [await checkStagingTable(place)]
}

/** A delivery that nobody made: the application says so, and nothing else would. */
async function checkCompanion(place: Place): Promise<Finding> {
  const { client, endpoint } = place
  const problem = await problemOf(() =>
    client.endpoint({ operation: 'asking the companion application', path: deliveryPath(endpoint, NOBODYS) })
  )
  const { message = '' } = (problem?.facts ?? {}) as { message?: string }
  if (problem === undefined || (problem.code === 'not-found' && /delivery/i.test(message)))
    return good(DOOR, `${endpoint}: the companion application responds`)
  return refused(place, problem)
}

/** The table is one of the plugin's. */
async function checkEventManagement(place: Place): Promise<Finding> {
  const { client, endpoint } = place
  const problem = await problemOf(() =>
    client.probe('/api/now/table/em_event', 'looking for Event Management')
  )
  if (problem?.code === 'api-missing') return refused(place, problem)
  const roles = await client.ownRoles()
  if (roles?.includes('evt_mgmt_integration'))
    return good(DOOR, `${endpoint}: Event Management is there, and the account has evt_mgmt_integration`)
  return bad(
    DOOR,
    'warn',
    `${endpoint}: it is not known whether the account has the role evt_mgmt_integration`,
    'see that the account has it: without it every event is refused'
  )
}

/** A row that nobody staged. */
async function checkStagingTable(place: Place): Promise<Finding> {
  const { client, endpoint } = place
  const problem = await problemOf(() =>
    client.endpoint({ operation: 'looking for the staging table', path: `${endpoint}/${NOBODYS}` })
  )
  if (problem === undefined || problem.code === 'not-found')
    return good(
      DOOR,
      `${endpoint}: the staging table is there; whether the account may write to it shows with the first event`
    )
  return refused(place, problem)
}

/** How a flow goes is in its record. */
async function checkExecutions(client: ServiceNowClient): Promise<Finding> {
  const table = '/api/now/table/sys_flow_context'
  const problem = await problemOf(() => client.probe(table, 'reading executions of flows'))
  return problem === undefined
    ? good(EXECUTIONS, 'sys_flow_context can be read: run-flow follows what it starts')
    : failed(EXECUTIONS, 'warn', problem)
}

function secretRows(door: DoorName, { signingSecret }: CheckInputs): Finding[] {
  if (door === 'event-management' || door === 'import-set') return []
  if (signingSecret !== undefined)
    return [
      skipped(
        SECRET,
        'given; whether the instance has the same one shows with the first message, and nothing was sent'
      )
    ]
  if (door === 'rest-trigger') return []
  return [
    bad(
      SECRET,
      'fail',
      'not given, and the companion application takes nothing without a signature',
      'give `signing-secret`, or set SERVICENOW_SIGNING_SECRET: the value of the property x_chgact.signing_secret'
    )
  ]
}

function flowRows(door: DoorName, flow: string | undefined): Finding[] {
  if (flow === undefined || door !== 'companion') return []
  return [
    skipped(
      FLOW,
      `${flow}: whether it is on the list of the instance (x_chgact.flows) and published shows when it is started, and nothing was started`
    )
  ]
}

async function problemOf(send: () => Promise<unknown>): Promise<Problem | undefined> {
  try {
    await send()
    return undefined
  } catch (error) {
    if (isClientProblem(error)) return error
    throw error
  }
}

/** The row of a door that does not respond as it should. */
function refused({ door, endpoint, aheadMs }: Place, problem: Problem): Promise<Finding> {
  const message = { kind: 'event', name: '', delivery: NOBODYS } as const
  return failed(DOOR, 'fail', refusalOf(problem, { name: door, endpoint }, message, aheadMs) as Problem)
}
