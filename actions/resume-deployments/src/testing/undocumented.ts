/** What GitHub does not document, as a seed decides it: a client must be right with every choice. */
import type { GithubOptions } from '../../../../test/github/github.ts'

/** The settings of the stand-in that matter to sweeps; the others stay as they are. */
export function drawnUndocumented(random: () => number): NonNullable<GithubOptions['undocumented']> {
  const isFirst = () => random() < 0.5
  return {
    secondDecision: isFirst() ? 404 : 422,
    nothingWaiting: isFirst() ? 404 : 422,
    statusWithWaitingJob: isFirst() ? 'waiting' : 'in_progress',
    laterJobWaits: isFirst(),
    ruleOnRerun: isFirst() ? 'passes' : 'waits',
    rulesInApprovals: isFirst(),
    etagPerToken: isFirst(),
    // New runs are in lists at once, or a moment later.
    listLagMs: isFirst() ? 0 : Math.floor(random() * 2_000)
  }
}
