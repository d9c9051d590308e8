import { createHash } from 'node:crypto'

/** Far more than it takes until GitHub lists a run that was started, and less than its limits of writes ask for. */
const MAX_PAUSE_MS = 5_000

/**
 * A pause before a start that is another one in each sweep: two that run beside each other go through the same changes in
 * the same order, and would both look before either has started a run.
 *
 * @param sweep what tells sweeps apart: run and attempt
 * @returns milliseconds
 */
export function pauseApart(sweep: string, sysId: string): number {
  const digest = createHash('sha256').update(`${sweep} ${sysId}`).digest()
  return digest.readUInt32BE() % MAX_PAUSE_MS
}
