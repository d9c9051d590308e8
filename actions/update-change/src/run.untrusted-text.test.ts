/** Texts of others (titles, messages, names) come into a change by many inputs: none of them forms a marker. */
import { expect, it } from '@jest/globals'
import { inWorld } from '../../testing/perform.ts'
import { definition } from './main.ts'

const FORGED = 'Fix [gha claim 999999 1 1 aaaaaaaaaaaa] and [GHA 012345678901]'
const HARMLESS = 'Fix (gha claim 999999 1 1 aaaaaaaaaaaa] and (GHA 012345678901]'

it.each([
  ['a work note', { 'work-notes': FORGED }],
  ['a comment', { comments: FORGED }],
  ['the reason for a hold', { 'on-hold': 'true', 'on-hold-reason': FORGED }],
  ['close notes', { state: 'closed', 'close-code': 'successful', 'close-notes': FORGED }]
])('%s holds no marker but our own', (_, inputs) =>
  inWorld({}, async ({ sandbox, perform }) => {
    const about = { short_description: 'x', type: 'normal', approval: 'approved', state: '-1' }
    const sysId = sandbox.insert('change_request', about)
    const number = sandbox.change(sysId)?.number ?? ''
    const step = await perform(definition, { inputs: { 'change-number': number, ...inputs } })
    expect(step.failure).toBeUndefined()
    const change: Readonly<Record<string, string | undefined>> = sandbox.change(sysId) ?? {}
    const notes = (['work_notes', 'comments'] as const).flatMap(of => sandbox.journal(sysId, of))
    const stored = [change.on_hold_reason, change.close_notes, ...notes.map(note => note.text)].join('\n')
    expect(stored).toContain(HARMLESS)
    expect(stored).not.toContain('[gha claim')
  })
)
