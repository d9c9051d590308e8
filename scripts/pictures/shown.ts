/** What the pictures in docs/pictures show, taken from real runs. It is the same each time until the product changes. */
import { createHash } from 'node:crypto'
import { dashboardShown } from './dashboard/shown.ts'
import { demoLines } from './demo-run.ts'
import { gateRuns } from './gate-runs.ts'

/** Text of what each picture shows, by the name of the picture. */
export interface Shown {
  /** The output of the demo. */
  readonly demo: string
  /** Title and text of an annotation, as JSON. */
  readonly annotation: string
  /** Markdown of a job summary. */
  readonly summary: string
  /** HTML of the page of a change in the sandbox. */
  readonly 'change-page': string
  /** The dashboard, the alerts and the names of what the steps send, as JSON. */
  readonly dashboard: string
}

/** Files of each picture, in docs/pictures. */
export const FILES: Readonly<Record<keyof Shown, readonly string[]>> = {
  demo: ['demo.svg'],
  annotation: ['annotation-light.png', 'annotation-dark.png'],
  summary: ['summary-light.png', 'summary-dark.png'],
  'change-page': ['change-page-light.png', 'change-page-dark.png'],
  dashboard: ['dashboard-light.png', 'dashboard-dark.png']
}

/** Written beside the pictures: SHA-256 of what each one shows. */
export const MANIFEST = 'manifest.json'

/** Runs the demo and some deployments behind the gate. Takes about 20 seconds. @throws Error when one of them fails */
export async function shownNow(): Promise<Shown> {
  const { summary, annotation, page } = await gateRuns()
  return {
    demo: demoLines().join('\n'),
    annotation: onePort(JSON.stringify(annotation)),
    // How long the requests took differs from run to run.
    summary: onePort(summary.replace(/\d+\.\d s added/, '0.1 s added')),
    'change-page': onePort(page),
    dashboard: await dashboardShown()
  }
}

function onePort(text: string): string {
  return text.replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:8080')
}

/** SHA-256 of each text, in hex. */
export function hashesOf(shown: Shown): Record<string, string> {
  return Object.fromEntries(
    Object.entries(shown).map(([name, text]) => [name, createHash('sha256').update(text).digest('hex')])
  )
}
