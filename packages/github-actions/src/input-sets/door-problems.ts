/** What is wrong with the inputs of a door, each being right by itself; found before the first request. */
import { type DoorName, isCorrelationId, isDeliveryId, isFlowDoor } from '@change-actions/change-control'
import { parseEndpoint } from '@change-actions/servicenow-client'
import { messageOf } from '../errors.ts'
import type { Source } from '../inputs/source.ts'
import type { Env } from '../step/runtime.ts'
import { HAS_LINE_BREAK } from './credentials.ts'
import { derivedIdentityProblems } from './identity-problems.ts'

interface PlaceValues {
  readonly door?: DoorName | undefined
  readonly endpoint?: string | undefined
  readonly signingSecret?: string | undefined
}

/** What is wrong with the door itself. @param secretFrom where its secret came from */
export function doorPlaceProblems(values: PlaceValues, secretFrom: Source | undefined): string[] {
  return [...endpointProblems(values), ...secretProblems(values, secretFrom)]
}

/** The same of a step that checks a door and sends nothing to it: its secret may be missing. */
export function checkedDoorProblems(
  values: PlaceValues & { readonly flow?: string | undefined },
  secretFrom: Source | undefined
): string[] {
  const { door, endpoint, flow, signingSecret } = values
  if (door === undefined) {
    const given = [
      ...(endpoint === undefined ? [] : ['`endpoint`']),
      ...(flow === undefined ? [] : ['`flow`'])
    ]
    return given.map(name => `${name} is checked with \`door\` alone: give the door that it belongs to`)
  }
  return [
    ...endpointProblems(values),
    ...(signingSecret === undefined ? [] : secretProblems(values, secretFrom)),
    ...(flow === undefined ? [] : flowDoorProblems(values))
  ]
}

/** Path of a staging table. */
const IMPORT = /^\/api\/now\/(?:v\d+\/)?import\/[a-z0-9_]+$/

/** The platform's own APIs: a message sent there would write a record that nobody asked for. */
const PLATFORM = /^\/api\/(?:now|sn_chg_rest)(?:\/|$)/

function endpointProblems({ door, endpoint }: PlaceValues): string[] {
  if (endpoint === undefined) {
    if (door === 'rest-trigger')
      return [
        '`door: rest-trigger` needs `endpoint`: the path that the trigger shows, such as /api/x_acme/deploy'
      ]
    return door === 'import-set'
      ? ['`door: import-set` needs `endpoint`: /api/now/import/ and the name of the staging table']
      : []
  }
  let path: string
  try {
    path = parseEndpoint(endpoint)
  } catch (error) {
    return [`\`endpoint\` ${messageOf(error)}`]
  }
  if (door === 'import-set')
    return IMPORT.test(path)
      ? []
      : ['`endpoint` must be /api/now/import/ and the name of the staging table, with `door: import-set`']
  if (!PLATFORM.test(path)) return []
  return [
    `\`endpoint\` must be the path of an application's resource or of a trigger, not an API of the platform (${path})`
  ]
}

function secretProblems({ door, signingSecret }: PlaceValues, from: Source | undefined): string[] {
  if (signingSecret === undefined)
    return door === 'companion'
      ? [
          '`signing-secret` is required with `door: companion`: give it, or set SERVICENOW_SIGNING_SECRET; it is the value of the property x_chgact.signing_secret of the instance'
        ]
      : []
  if (/[\r\n]/.test(signingSecret)) return [`\`signing-secret\` ${HAS_LINE_BREAK}`]
  // From the environment it may be there for another step.
  const unused = (door === 'event-management' || door === 'import-set') && from?.kind === 'input'
  return unused
    ? [`\`signing-secret\` has no effect with \`door: ${door}\`, which knows no signature: leave it out`]
    : []
}

interface DeliveryValues extends PlaceValues {
  readonly data?: Readonly<Record<string, unknown>> | undefined
  readonly deliveryId?: string | undefined
  readonly correlationId?: string | undefined
  readonly correlationScope?: string | undefined
  readonly ownWorkflowRef?: string | undefined
}

/** What is wrong with a message, whatever it is. */
export function deliveryProblems(values: DeliveryValues, env: Env): string[] {
  const { deliveryId, correlationId } = values
  const ids = [
    ...(deliveryId === undefined || isDeliveryId(deliveryId)
      ? []
      : [
          `\`delivery-id\` takes at most 100 characters of A-Z a-z 0-9 . _ : - and must not begin with a dot, not \`${deliveryId.slice(0, 120)}\``
        ]),
    ...(correlationId === undefined || isCorrelationId(correlationId)
      ? []
      : [
          `\`correlation-id\` takes at most 100 characters of A-Z a-z 0-9 . _ : / -, not \`${correlationId.slice(0, 120)}\``
        ])
  ]
  return [...ids, ...derivedProblems(values, env), ...dataProblems(values)]
}

/** Both ids are derived from the same facts. */
function derivedProblems(values: DeliveryValues, env: Env): string[] {
  const { deliveryId, correlationId, correlationScope, ownWorkflowRef } = values
  const missing = [
    ...(deliveryId === undefined ? ['`delivery-id`'] : []),
    ...(correlationId === undefined ? ['`correlation-id`'] : [])
  ]
  if (missing.length === 0) return []
  const problems = derivedIdentityProblems({ correlationScope, ownWorkflowRef }, env, ['GITHUB_RUN_ID'])
  return problems.map(text => text.replaceAll('`correlation-id`', missing.join(' and ')))
}

/** Names that stand for facts of the deployment. */
const TAKEN = [
  'delivery',
  'event',
  'data',
  'repository',
  'run_id',
  'run_attempt',
  'commit',
  'environment',
  'correlation_id',
  'correlation_display'
]

function dataProblems({ door, data = {} }: DeliveryValues): string[] {
  if (door !== 'companion') return []
  const names = Object.keys(data)
  const wrong = names.filter(name => !/^[a-z][a-z0-9_]{0,79}$/.test(name))
  const taken = names.filter(name => TAKEN.includes(name))
  return [
    ...(wrong.length === 0
      ? []
      : [
          `\`data\` has names that no input of a flow has: ${wrong.map(name => `\`${name.slice(0, 80)}\``).join(', ')}; use lower-case letters, digits and underscores`
        ]),
    ...(taken.length === 0
      ? []
      : [
          `\`data\` has names that are sent anyway: ${taken.map(name => `\`${name}\``).join(', ')}; leave them out`
        ])
  ]
}

/** Doors at which a flow can be started. */
export function flowDoorProblems({
  door,
  flow
}: PlaceValues & { readonly flow?: string | undefined }): string[] {
  if (door === undefined) return []
  if (!isFlowDoor(door))
    return [
      `\`door: ${door}\` takes events alone: use the action send-event, or \`door: companion\` or \`door: rest-trigger\``
    ]
  if (door === 'rest-trigger') return []
  if (flow === undefined)
    return ['`flow` is required with `door: companion`: the name of the subflow, <scope>.<name>']
  return /^[a-z0-9_]{1,40}\.[A-Za-z0-9_]{1,80}$/.test(flow)
    ? []
    : [
        `\`flow\` must be the internal name of a subflow with its scope, such as x_acme.request_change, not \`${flow.slice(0, 120)}\``
      ]
}

/** What is wrong with the name of an event. */
export function eventProblems({ event }: { readonly event?: string | undefined }): string[] {
  if (event === undefined)
    return [
      '`event` is required: deployment.requested, .started, .succeeded, .failed, .cancelled, or a name of your own'
    ]
  return /^[A-Za-z0-9._-]{1,80}$/.test(event)
    ? []
    : [
        `\`event\` takes at most 80 letters, digits, dots, hyphens and underscores, not \`${event.slice(0, 120)}\``
      ]
}
