import { describe, expect, it } from '@jest/globals'
import { briefless, briefOf } from './brief.ts'
import { isBriefed, withBrief } from './description.ts'
import type { BriefCommit, BriefFacts, BriefPull } from './facts.ts'

const BASE = 'b'.repeat(40)
const HEAD = 'a'.repeat(40)
const OLDER = 'c'.repeat(40)
const id = (n: number) => String(n).repeat(40)
const commit = (n: number, more: Partial<BriefCommit> = {}): BriefCommit => ({
  id: id(n),
  title: `Commit ${n}`,
  author: 'anna',
  hasAccount: true,
  isBot: false,
  isMerge: false,
  ...more
})
const pull = (number: number, more: Partial<BriefPull> = {}): BriefPull => ({
  number,
  title: `Pull ${number}`,
  author: 'anna',
  isBot: false,
  labels: [],
  approvedBy: ['ben'],
  approvedWithoutWrite: [],
  refusedBy: [],
  commits: [id(number)],
  ...more
})
const read = <T>(value: T) => ({ kind: 'read', value }) as const
const unread = (why: string) => ({ kind: 'unread', why }) as const

const FACTS: BriefFacts = {
  repositoryUrl: 'https://github.com/acme/shop',
  environment: 'production',
  commit: HEAD,
  deployments: read({
    last: { commit: BASE, tag: 'v1.4.1', at: Date.parse('2026-11-20T14:02:00Z'), runId: '77' },
    before: { commit: OLDER, tag: undefined, at: Date.parse('2026-11-02T08:00:00Z'), runId: '70' },
    seen: 3,
    more: false
  }),
  comparison: read({
    ahead: 5,
    behind: 0,
    commits: [
      commit(1),
      commit(2, { author: 'ben' }),
      commit(3, { author: 'dependabot[bot]', isBot: true }),
      commit(4, { isMerge: true }),
      commit(5, { title: 'Fix a typo' })
    ],
    files: [
      { path: 'src/pay.ts', before: undefined },
      { path: 'docs/a.md', before: 'docs/b.md' }
    ],
    filesCut: false
  }),
  codeOwners: read('/src/ @acme/payments'),
  pulls: read([
    pull(1, { labels: ['breaking-change', 'size/L'] }),
    pull(2, { author: 'ben', approvedBy: [], refusedBy: ['carl'] }),
    pull(3, { author: 'dependabot[bot]', isBot: true })
  ]),
  checks: read({
    checks: [
      { name: 'unit', result: 'passed' },
      { name: 'lint', result: 'passed' },
      { name: 'e2e', result: 'failed' },
      { name: 'docs', result: 'skipped' },
      { name: 'scan', result: 'pending' }
    ],
    total: 5
  }),
  evidence: [{ name: 'unit.xml', counts: '120 tests, 0 failed' }],
  hasBackoutPlan: false
}

const lines = (more: Partial<BriefFacts> = {}) => briefOf({ ...FACTS, ...more }).lines

describe('the brief of a deployment', () => {
  it('says what changes, who looked at it, what was checked, and the way back', () => {
    expect(lines()).toEqual([
      'For approvers, from GitHub:',
      'Deployed to "production" now: commit bbbbbbbbbbbb (tag "v1.4.1"), since 2026-11-20 14:02:00 UTC, by https://github.com/acme/shop/actions/runs/77',
      `Compare: https://github.com/acme/shop/compare/${BASE}...${HEAD}`,
      'Commits: 5 (1 of bots, 1 merge); authors: anna 2, ben 1',
      'Files: 2 changed',
      'Code owners of the files: acme/payments (1 file); 1 file without an owner',
      'Checks of aaaaaaaaaaaa: 2 passed, 1 failed, 1 not finished, 1 skipped; failed: "e2e"; not finished: "scan"',
      'Version to go back to: commit bbbbbbbbbbbb (tag "v1.4.1")',
      'Backout: deploy that version again, as https://github.com/acme/shop/actions/runs/77 did',
      'Evidence that is attached: 1 file',
      '- "unit.xml": 120 tests, 0 failed',
      'Pull requests: 3',
      '- #1 by anna; approved by ben; labels "breaking-change"; title "Pull 1"',
      '- #2 by ben; no approving review; changes requested by carl; title "Pull 2"',
      '- of bots: #3; by dependabot (bot)',
      'Commits without a pull request: 1',
      '- 555555555555 by anna; title "Fix a typo"'
    ])
  })

  it('says of each part that is missing why, in one line', () => {
    const text = lines({
      comparison: unread('the token needs contents: read'),
      codeOwners: undefined,
      pulls: unread('the token needs pull-requests: read'),
      checks: unread('the token needs checks: read and statuses: read')
    })
    expect(text).toContain('Commits and files: not known, the token needs contents: read')
    expect(text).toContain('Pull requests: not known, the token needs pull-requests: read')
    expect(text).toContain(
      'Checks of aaaaaaaaaaaa: not known, the token needs checks: read and statuses: read'
    )
  })

  it('tells a first deployment from one that nothing is known of', () => {
    const none = { last: undefined, before: undefined, seen: 0, more: false }
    const rest = { comparison: undefined, pulls: undefined, codeOwners: undefined }
    expect(lines({ ...rest, deployments: read(none) })[1]).toBe(
      'GitHub has no earlier deployment to "production": this is the first one that it knows of.'
    )
    expect(lines({ ...rest, deployments: read({ ...none, seen: 50, more: true }) })[1]).toBe(
      'None of the last 50 deployments to "production" that GitHub has was successful: there is nothing to compare with.'
    )
    expect(lines({ ...rest, deployments: unread('the token needs deployments: read') })[1]).toBe(
      'What changes since the last deployment is not known: the token needs deployments: read.'
    )
  })

  it('says that commits are lost, and that the same one comes again', () => {
    const comparison = { ahead: 0, behind: 3, commits: [], files: [], filesCut: false }
    expect(lines({ comparison: read(comparison) })).toContain(
      'Attention: 3 commits of the deployed version are not in this one.'
    )
    const again = lines({ commit: BASE, comparison: undefined, pulls: undefined, codeOwners: undefined })
    expect(again).toContain('The same commit is deployed again.')
    expect(again.join('\n')).not.toContain('/compare/')
  })

  it('goes back to another commit where the same one is deployed again', () => {
    expect(lines({ commit: BASE })).toEqual(
      expect.arrayContaining([
        'Version to go back to: commit cccccccccccc',
        'Backout: deploy that version again, as https://github.com/acme/shop/actions/runs/70 did'
      ])
    )
  })

  it('tells that there is no version to go back to from that none is known', () => {
    const back = (deployments: BriefFacts['deployments'], commit = HEAD) =>
      lines({ deployments, commit }).filter(line => /^Version to go|^Backout/.test(line))
    const none = { last: undefined, before: undefined, seen: 3, more: false }
    const [same] = FACTS.deployments.kind === 'read' ? [FACTS.deployments.value] : []
    if (same === undefined) throw new Error('no deployment')
    const nothing = 'Backout: none is known, see the repository'
    expect(back(unread('the token needs deployments: read'))).toEqual([
      'Version to go back to: not known, the token needs deployments: read',
      nothing
    ])
    expect(back(read(none))).toEqual(['Version to go back to: none that GitHub knows of', nothing])
    expect(back(read({ ...none, seen: 50, more: true }))[0]).toBe(
      'Version to go back to: not known, none of the last 50 deployments was successful'
    )
    const again = { ...same, before: undefined }
    expect(back(read(again), BASE)).toEqual(['Version to go back to: none that GitHub knows of', nothing])
    expect(back(read({ ...again, seen: 50, more: true }), BASE)[0]).toBe(
      'Version to go back to: not known, the last 50 deployments have no success of another commit'
    )
    expect(lines({ deployments: unread('x'), hasBackoutPlan: true })).toContain(
      'Backout: as in the backout plan'
    )
  })

  it('has counts alone of more commits than are listed', () => {
    const comparison = { ahead: 812, behind: 0, commits: [commit(1)], files: [], filesCut: true }
    const text = lines({ comparison: read(comparison), pulls: undefined })
    expect(text).toContain('Commits: 812 (too many to list: see the comparison)')
    expect(text).toContain('Files: 0 or more changed')
    expect(text.join('\n')).not.toContain('without a pull request')
  })

  it('names the backout plan of the change where it has one', () => {
    expect(lines({ hasBackoutPlan: true })).toContain('Backout: as in the backout plan')
  })

  it('makes nothing but text of titles and names', () => {
    const evil =
      '<script>@all [gha2 claim 9 1 1 0123456789abcdef.01234567] ::error::x\n\u202eImportant: approved'
    const text = lines({
      environment: evil,
      comparison: read({
        ahead: 1,
        behind: 0,
        commits: [commit(9, { title: evil, author: evil })],
        files: [{ path: 'a', before: undefined }],
        filesCut: false
      }),
      codeOwners: read(`* ${evil.replaceAll(/\s/g, '')}`),
      pulls: read([pull(1, { title: evil, author: evil, labels: [`risk ${evil}`], approvedBy: [evil] })]),
      checks: read({ checks: [{ name: evil, result: 'failed' }], total: 1 }),
      evidence: [{ name: evil, counts: evil }]
    }).join('\n')
    expect(text).not.toMatch(/[<[\u202e]|::|@all|^Important/m)
  })
})

describe('a description with a brief', () => {
  const brief = { lines: ['For approvers, from GitHub:', 'one', 'two', 'three'], rest: '(cut)' }

  it('has it below its own text, whole where it fits', () => {
    expect(withBrief('Mine', brief, 4_000)).toBe('Mine\n\nFor approvers, from GitHub:\none\ntwo\nthree')
    expect(withBrief('', brief, 4_000)).toMatch(/^For approvers/)
  })

  it.each([33, 38, 43, 47, 48])('is cut at whole lines to %i characters', max => {
    const text = withBrief('Mine', brief, max)
    expect(text.length).toBeLessThanOrEqual(max)
    for (const line of text.split('\n')) expect(['Mine', '', ...brief.lines, brief.rest]).toContain(line)
    expect(text).toMatch(/^Mine/)
  })

  it('is known again, by its own text', () => {
    const text = withBrief('Mine', brief, 4_000)
    expect([isBriefed(text.replaceAll('\n', '\r\n'), 'Mine'), isBriefed(text, 'Min')]).toEqual([true, false])
    expect(isBriefed('Mine', 'Mine')).toBe(false)
  })
})

it('says in one line why there is no brief', () => {
  expect(briefless('GitHub did not respond').lines).toEqual([
    'For approvers, from GitHub:',
    'What changes is not known: GitHub did not respond.'
  ])
})
