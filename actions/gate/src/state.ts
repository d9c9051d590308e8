import type { StepTools } from '@change-actions/github-actions'

/**
 * How far the main step came: not to the change's claim yet; about to claim it, which a kill may have left in doubt;
 * in Implement.
 */
export type Phase = 'before' | 'entering' | 'entered'

/** What the main step leaves for the post step. Nothing secret. */
export interface GateState {
  readonly sysId: string
  readonly number: string
  /** Made by this job. */
  readonly created: boolean
  /** Given by number or sys_id. */
  readonly supplied: boolean
  readonly phase: Phase
  /** How the main step failed; absent while it has not, or when it was killed. */
  readonly outcome?: string
  /** When each state was seen first, on the instance's clock, epoch milliseconds. */
  readonly times: readonly (readonly [state: string, at: number])[]
}

const STATE = 'gate'
const POLICY = 'policy'

export function saveGate(tools: Pick<StepTools, 'saveState'>, state: GateState): void {
  tools.saveState(STATE, JSON.stringify(state))
}

export function readGate(tools: Pick<StepTools, 'readState'>): GateState | undefined {
  const text = tools.readState(STATE)
  return text === '' ? undefined : (JSON.parse(text) as GateState)
}

/** Inputs that came from the policy file: the checkout may be another one by the time the post step runs. */
export function savePolicy(
  tools: Pick<StepTools, 'saveState'>,
  added: Readonly<Record<string, string>>
): void {
  tools.saveState(POLICY, JSON.stringify(added))
}

export function readPolicy(tools: Pick<StepTools, 'readState'>): Record<string, string> {
  const text = tools.readState(POLICY)
  return text === '' ? {} : (JSON.parse(text) as Record<string, string>)
}
