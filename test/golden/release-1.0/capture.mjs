/**
 * Records what release 1.0 really wrote: runs its bundles against its own sandbox and keeps what they left behind.
 *
 *   node test/golden/release-1.0/capture.mjs <checkout of tag v1.0.0> [kind …]
 *
 * Each kind is one JSON file beside this script. See README.md.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bindings, correlationIds } from './capture/identity.mjs'
import { exportedVariables, savedState } from './capture/job.mjs'
import { claims, notes } from './capture/journal.mjs'

const KINDS = {
  'correlation-ids': correlationIds,
  bindings,
  claims,
  notes,
  'exported-variables': exportedVariables,
  'saved-state': savedState
}

const kinds = process.argv.slice(3)
for (const [kind, capture] of Object.entries(KINDS)) {
  if (kinds.length > 0 && !kinds.includes(kind)) continue
  const records = await capture()
  const text = JSON.stringify({ release: '1.0.0', kind, records }, null, 2)
  writeFileSync(join(import.meta.dirname, `${kind}.json`), `${text}\n`)
  console.log(`${kind}: ${records.length} records`)
}
