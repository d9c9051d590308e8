import type { DoorName, FlowDoorName } from '@change-actions/change-control'
import { COMPANION_ENDPOINT, companion } from './companion.ts'
import type { Door, DoorPlace, FlowDoor } from './door.ts'
import { EVENT_MANAGEMENT_ENDPOINT, eventManagement } from './event-management.ts'
import { importSet } from './import-set.ts'
import { restTrigger } from './rest-trigger.ts'

/** Where a door is unless somebody says otherwise. */
export const DEFAULT_ENDPOINTS: Readonly<Partial<Record<DoorName, string>>> = {
  companion: COMPANION_ENDPOINT,
  'event-management': EVENT_MANAGEMENT_ENDPOINT
}

const FLOW_DOORS: Readonly<Record<FlowDoorName, (place: DoorPlace) => FlowDoor>> = {
  companion,
  'rest-trigger': restTrigger
}
const DOORS: Readonly<Record<DoorName, (place: DoorPlace) => Door>> = {
  ...FLOW_DOORS,
  'event-management': eventManagement,
  'import-set': importSet
}

export function openDoor(name: DoorName, place: DoorPlace): Door {
  return DOORS[name](place)
}

export function openFlowDoor(name: FlowDoorName, place: DoorPlace): FlowDoor {
  return FLOW_DOORS[name](place)
}

export { deliveryPath } from './companion.ts'
export { deliver } from './deliver.ts'
export type {
  Door,
  DoorPlace,
  Execution,
  FlowDoor,
  FlowState,
  Receipt
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
