/** A long wait: what the steps after it read is written when it is new, and not with each poll. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { seedId } from '@change-actions/sandbox'
import { expect } from '@jest/globals'
import { gateScenario, SOON, STATE } from './gate-harness.ts'
import { MANIFEST } from './root-action.ts'

const KEEPER = pathToFileURL(join(import.meta.dirname, 'keep-files.mjs')).href

/** How often each name was written. */
function counted(file: string): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const [, name = ''] of readFileSync(file, 'utf8').matchAll(/^([\w-]+)<</gm))
    counts[name] = (counts[name] ?? 0) + 1
  return counts
}

gateScenario('twenty polls with nothing new write each output once', {}, async ({ sandbox, gate, plant }) => {
  const { number } = plant({
    state: STATE.authorize,
    approval: 'requested',
    assignment_group: seedId('sys_user_group', 'devops-team')
  })
  const folder = mkdtempSync(join(tmpdir(), 'kept-'))
  try {
    const job = gate({ NODE_OPTIONS: `--import=${KEEPER}`, KEEP_FILES: folder })
    const step = await job.fail({ ...SOON, timeout: '22', 'change-number': number })
    expect(step.outputs.outcome).toBe('timeout')
    expect(Number(step.outputs.polls)).toBeGreaterThanOrEqual(20)
    expect(sandbox.requests.length).toBeGreaterThanOrEqual(20)
    const once = Object.fromEntries(Object.keys(MANIFEST.outputs).map(name => [name, 1]))
    // `error` until the outcome is known.
    expect(counted(join(folder, 'output'))).toEqual({ ...once, outcome: 2 })
    // Nothing yet, and each time something is new: the change, its state, the outcome, why it failed.
    expect(counted(join(folder, 'state')).gate).toBeLessThan(8)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
