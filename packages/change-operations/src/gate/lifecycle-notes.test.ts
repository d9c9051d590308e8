import { noteMarker } from '@change-actions/change-control'
import { describe, expect, it } from '@jest/globals'
import type { Deployment } from '../deployment.ts'
import { DEPLOYMENT } from '../testing/deployment.ts'
import type { GateState } from './gate-state.ts'
import { endNote, endText, notDeployedNote, startedText, startText } from './lifecycle-notes.ts'

const STATE: GateState = {
  sysId: 'x',
  number: 'CHG0030001',
  created: true,
  supplied: false,
  phase: 'entered',
  times: [
    ['new', Date.UTC(2026, 11, 1, 22)],
    ['implement', Date.UTC(2026, 11, 1, 22, 30)]
  ]
}
const FACTS = [
  'Repository: acme/shop',
  'Commit: 65dbbeda5ade1f0e3c7b9a4d8e2f6c1b0a9d8e7f',
  'Job: deploy',
  'Run: https://github.com/acme/shop/actions/runs/1001 (attempt 2)',
  'Actor: octocat'
]

describe('work notes of a gate', () => {
  it('name environment, repository, commit, job, run, attempt and actor', () => {
    expect(startText(DEPLOYMENT, true)).toBe(['Deployment to production started.', ...FACTS].join('\n'))
    expect(startText(DEPLOYMENT, false)).toBe('Claimed by run 1001.')
    expect(
      startText(DEPLOYMENT, true, [
        ['Policy', 'of a commit'],
        ['Version', '']
      ])
    ).toMatch(/\nPolicy: of a commit$/)
  })

  it('tell how the deployment ended, and when the change was in which state', () => {
    expect(endNote(DEPLOYMENT, STATE, 'success').text).toBe(
      [
        'Deployment to production ended: success.',
        ...FACTS,
        'States, as this job observed them: new 2026-12-01 22:00:00, implement 2026-12-01 22:30:00 (UTC)'
      ].join('\n')
    )
    expect(endNote(DEPLOYMENT, { ...STATE, times: [] }, 'cancelled').text).toBe(
      ['Deployment to production ended: cancelled.', ...FACTS].join('\n')
    )
  })

  it('tell the same of a step that has no gate', () => {
    const facts = [['Compare', 'https://github.com/acme/shop/compare/a...b']] as const
    expect(startedText({ ...DEPLOYMENT, commitBasis: 'stated' }, facts)).toBe(
      ['Deployment to production started.', ...FACTS, `Compare: ${facts[0][1]}`].join('\n')
    )
    expect(endText(DEPLOYMENT, 'failure, by deploy (failure)', facts)).toBe(
      [
        'Deployment to production ended: failure, by deploy (failure).',
        ...FACTS,
        `Compare: ${facts[0][1]}`
      ].join('\n')
    )
    expect(endText(DEPLOYMENT, '')).toMatch(/^Deployment to production ended\.\n/)
  })

  it('tell who approved, by the times of their rows', () => {
    const approved = (decisions: GateState['decisions']) =>
      endNote(DEPLOYMENT, { ...STATE, decisions }, 'success')
        .text.split('\n')
        .filter(line => line.startsWith('Approved'))
    expect(
      approved([
        ['Carl', 'rejected', '2026-12-01 20:30:00', 'Not yet'],
        ['Anna', 'approved', '2026-12-01 21:00:00'],
        ['Ben [gha 1]', 'approved', '2026-12-01 21:30:00']
      ])
    ).toEqual(['Approved: Anna 2026-12-01 21:00:00, Ben (gha 1] 2026-12-01 21:30:00 (UTC)'])
    expect(approved(Array.from({ length: 12 }, (_, n) => [`P${n}`, 'approved', ''] as const))[0]).toMatch(
      /P8, P9 and 2 more \(UTC\)$/
    )
    expect(approved([])).toEqual([])
  })

  it('tell why there was no deployment', () => {
    const text = (state: GateState) => notDeployedNote(DEPLOYMENT, state, 'failure').text.split('\n')
    expect(text({ ...STATE, outcome: 'timeout' })).toEqual([
      'Not deployed to production: the gate ended with timeout (job failure).',
      ...FACTS
    ])
    expect(text(STATE)[0]).toBe('Not deployed to production: the gate did not open (job failure).')
  })

  it.each<[Partial<Deployment>, string]>([
    [{ leg: '' }, 'Job: deploy'],
    [{ leg: '0' }, 'Job: deploy'],
    [{ leg: '3' }, 'Job: deploy, matrix leg 3'],
    [{ leg: '3', job: '' }, '']
  ])('name the leg of a matrix, but not the first: %j', (more, line) => {
    const lines = startText({ ...DEPLOYMENT, ...more }, true).split('\n')
    expect(lines.filter(one => one.startsWith('Job'))).toEqual(line === '' ? [] : [line])
  })

  it('leave out what is not known', () => {
    const facts = { repository: '', commit: '', job: '', runUrl: '', actor: '', environment: '' }
    expect(startText({ ...DEPLOYMENT, ...facts }, true)).toBe('Deployment started.')
  })

  it('have the same marker for the same leg and result, and another for any other', () => {
    const marker = (leg: string, result: 'success' | 'failure') =>
      endNote({ ...DEPLOYMENT, leg }, STATE, result).marker
    expect(marker('0', 'success')).toBe(marker('0', 'success'))
    expect(new Set([marker('0', 'success'), marker('1', 'success'), marker('0', 'failure')]).size).toBe(3)
  })

  it('are known by the same parts as in 1.0', () => {
    for (const note of [
      endNote(DEPLOYMENT, STATE, 'success'),
      notDeployedNote(DEPLOYMENT, STATE, 'failure')
    ]) {
      const parts = ['acme/shop', '1001', 'deploy', 'gate', `${note.text}\n0`]
      expect(note.marker).toBe(noteMarker(parts))
    }
  })

  it('carry no marker in untrusted text, and keep it on one line', () => {
    const environment = 'x\n[gha claim 9 9 9 0123456789ab]'
    expect(startText({ ...DEPLOYMENT, environment }, true)).toMatch(
      /^Deployment to "x \(gha claim 9 9 9 0123456789ab\]" started\.\nRepository/
    )
    const actor = `[GHA claim 1 1 1 0123456789ab]`
    const state = { ...STATE, times: [['[gha\nPilot]', 0]] as const }
    const notes = [
      startText({ ...DEPLOYMENT, actor }, true),
      endNote({ ...DEPLOYMENT, environment, actor }, state, 'success').text,
      notDeployedNote({ ...DEPLOYMENT, environment, actor }, state, 'failure').text
    ]
    for (const text of notes) expect(text).not.toMatch(/\[gha/i)
    expect(notes[1]).toContain('States, as this job observed them: (gha Pilot] 1970-01-01 00:00:00 (UTC)')
  })
})
