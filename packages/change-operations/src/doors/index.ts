import { COMPANION_ENDPOINT, companion } from './companion.ts'
import type { Door, DoorName, DoorPlace, FlowDoor } from './door.ts'
import { EVENT_MANAGEMENT_ENDPOINT, eventManagement } from './event-management.ts'
import { importSet } from './import-set.ts'
import { restTrigger } from './rest-trigger.ts'

/** Where a door is unless somebody says otherwise. */
export const DEFAULT_ENDPOINTS: Readonly<Partial<Record<DoorName, string>>> = {
  companion: COMPANION_ENDPOINT,
  'event-management': EVENT_MANAGEMENT_ENDPOINT
}

const FLOW_DOORS = { companion, 'rest-trigger': restTrigger } as const
const DOORS: Readonly<Record<DoorName, (place: DoorPlace) => Door>> = {
  ...FLOW_DOORS,
  'event-management': eventManagement,
  'import-set': importSet
}

/** A door that flows can be started at. */
export type FlowDoorName = keyof typeof FLOW_DOORS

export function isFlowDoor(name: DoorName): name is FlowDoorName {
  return Object.hasOwn(FLOW_DOORS, name)
}

export function openDoor(name: DoorName, place: DoorPlace): Door {
  return DOORS[name](place)
}

export function openFlowDoor(name: FlowDoorName, place: DoorPlace): FlowDoor {
  return FLOW_DOORS[name](place)
}

export { deliveryPath } from './companion.ts'
export { deliver } from './deliver.ts'
export {
  DOOR_NAMES,
  type Door,
  type DoorName,
  type DoorPlace,
  type Execution,
  type FlowDoor,
  type FlowState,
  type Receipt
} from './door.ts'
export { bodyOf, MAX_BODY, type Message } from './message.ts'
export {
  type DoorCode,
  type DoorProblem,
  type DoorProblems,
  doorProblem,
  type FlowChangeReason,
  isDoorProblem,
  type SentFacts
} from './problems.ts'
export { refusalOf } from './refusal.ts'
export { type FlowProgress, type FlowRun, runFlow } from './run-flow.ts'
