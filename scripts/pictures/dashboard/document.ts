/** The dashboard after a week of deployments, as a document. */
import { answersFor } from './answers.ts'
import { readDashboard } from './model.ts'
import { dashboardDocument } from './page.ts'
import { perform } from './runs.ts'
import { startStore } from './store.ts'
import { END, plannedWeek, START } from './week.ts'

/**
 * Takes about a minute and a half. Needs Prometheus with promtool, and a collector: see test/telemetry.
 *
 * @throws Error when a program is missing, or a panel stays empty
 */
export async function dashboardPicture(): Promise<string> {
  const dashboard = readDashboard()
  const sent = await perform(plannedWeek())
  const { prometheus, laterMs, stop } = await startStore(sent, { from: START, to: END })
  try {
    const answers = await answersFor(dashboard, prometheus, (END + laterMs) / 1_000)
    return dashboardDocument(dashboard, answers, END / 1_000, laterMs / 1_000)
  } finally {
    await stop()
  }
}
