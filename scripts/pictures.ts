/**
 * Makes the pictures of the documentation, docs/pictures, from real runs. Needs a Chromium and a fresh dist/, and
 * for the dashboard also Prometheus and an OpenTelemetry Collector (test/telemetry/README.md).
 *
 *   npm run pictures             those that show something else than they would today
 *   npm run pictures -- --all    all of them, after a change of how they are drawn
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startBrowser } from '../test/pages/browser.ts'
import { compact } from './pictures/compact.ts'
import { dashboardPicture } from './pictures/dashboard/document.ts'
import { WIDTH } from './pictures/dashboard/page.ts'
import { annotationDocument, summaryDocument } from './pictures/github-look.ts'
import { FILES, hashesOf, MANIFEST, type Shown, shownNow } from './pictures/shown.ts'
import { terminalPicture } from './pictures/terminal.ts'

const FOLDER = join(import.meta.dirname, '..', 'docs', 'pictures')

type Name = keyof Shown

/** A picture that a browser takes. */
interface Size {
  /** Pixels at a scale of 1. Without a height, a picture has all of the document. */
  readonly width: number
  readonly height?: number
  /** Default 1.5: a page shows it smaller than it is. */
  readonly scale?: number
}

const SIZES: Readonly<Record<Exclude<Name, 'demo'>, Size>> = {
  annotation: { width: 860 },
  summary: { width: 960 },
  'change-page': { width: 1040, height: 860 },
  dashboard: { width: WIDTH, scale: 1 }
}

async function documentFor(name: Exclude<Name, 'demo'>, shown: Shown): Promise<string> {
  if (name === 'dashboard') return await dashboardPicture()
  if (name === 'annotation') return annotationDocument(JSON.parse(shown.annotation))
  return name === 'summary' ? await summaryDocument(shown.summary) : shown['change-page']
}

/** Two pictures of a document: light and dark. */
async function photograph(name: Exclude<Name, 'demo'>, html: string): Promise<void> {
  const { width, height, scale = 1.5 } = SIZES[name]
  const browser = await startBrowser()
  try {
    for (const colorScheme of ['light', 'dark'] as const) {
      const viewport = { width, height: height ?? 200 }
      const page = await browser.newPage({ colorScheme, viewport, deviceScaleFactor: scale })
      await page.setContent(html)
      const png = await page.screenshot({ fullPage: height === undefined })
      writeFileSync(join(FOLDER, `${name}-${colorScheme}.png`), await compact(png))
    }
  } finally {
    await browser.close()
  }
}

async function draw(name: Name, shown: Shown): Promise<void> {
  if (name !== 'demo') return await photograph(name, await documentFor(name, shown))
  const title =
    'The demo: the gate creates a change, waits for its approval, and closes it after the deployment'
  writeFileSync(join(FOLDER, 'demo.svg'), terminalPicture(title, shown.demo.split('\n')))
}

/** The hashes of the last time; none when there was none. */
function drawnHashes(): Record<string, string> {
  const file = join(FOLDER, MANIFEST)
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>) : {}
}

const { values } = parseArgs({ options: { all: { type: 'boolean', default: false } } })
const shown = await shownNow()
const [hashes, drawn] = [hashesOf(shown), drawnHashes()]
mkdirSync(FOLDER, { recursive: true })
for (const name of Object.keys(FILES) as Name[]) {
  const isThere = FILES[name].every(file => existsSync(join(FOLDER, file)))
  if (!values.all && isThere && hashes[name] === drawn[name]) continue
  await draw(name, shown)
  console.log(`Drew ${FILES[name].join(', ')}`)
}
writeFileSync(join(FOLDER, MANIFEST), `${JSON.stringify(hashes, null, 2)}\n`)
