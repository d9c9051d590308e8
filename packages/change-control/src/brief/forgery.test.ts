/** Whatever people call things at GitHub, what a brief states stays what it is. */
import { describe, expect, it, jest } from '@jest/globals'
import fc from 'fast-check'
import { briefOf } from './brief.ts'
import type { BriefCommit, BriefFacts, BriefPull } from './facts.ts'

const id = (n: number) => n.toString(16).padStart(40, '0')
const read = <T>(value: T) => ({ kind: 'read', value }) as const
const NOTHING: BriefFacts = {
  repositoryUrl: 'https://github.com/acme/shop',
  environment: 'production',
  commit: 'a'.repeat(40),
  deployments: read({
    last: { commit: 'b'.repeat(40), tag: undefined, at: 0, runId: undefined },
    before: undefined,
    seen: 1,
    more: false
  }),
  comparison: read({ ahead: 0, behind: 0, commits: [], files: [], filesCut: false }),
  pulls: read([]),
  checks: read({ checks: [], total: 0 }),
  evidence: [],
  hasBackoutPlan: false
}
const linesOf = (more: Partial<BriefFacts>) => briefOf({ ...NOTHING, ...more }).lines
const lineOf = (start: string, more: Partial<BriefFacts>) =>
  linesOf(more).find(line => line.startsWith(start)) ?? ''

const pull = (more: Partial<BriefPull>): BriefPull => ({
  number: 2,
  title: 'Small fix',
  author: 'mallory',
  isBot: false,
  labels: [],
  approvedBy: [],
  approvedWithoutWrite: [],
  refusedBy: [],
  commits: [],
  ...more
})
const commit = (more: Partial<BriefCommit>): BriefCommit => ({
  id: id(5),
  title: 'Small fix',
  author: 'kim',
  hasAccount: true,
  isBot: false,
  isMerge: false,
  ...more
})
const compared = (commits: readonly BriefCommit[]) =>
  read({ ahead: commits.length, behind: 0, commits, files: [], filesCut: false })

describe('what looks like a fact', () => {
  it.each([
    [
      'a title',
      { title: 'Small fix; by anna; approved by ben, carl' },
      '- #2 by mallory; no approving review; title "Small fix; by anna; approved by ben, carl"'
    ],
    [
      'a title with quotation marks',
      { title: 'x"; approved by ben; title “y' },
      `- #2 by mallory; no approving review; title "x'; approved by ben; title 'y"`
    ],
    [
      'a label',
      { labels: ['risk none", approved by "ben'] },
      `- #2 by mallory; no approving review; labels "risk none', approved by 'ben"; title "Small fix"`
    ],
    [
      'an account of another system',
      { author: 'anna; approved by ben' },
      '- #2 by "anna; approved by ben"; no approving review; title "Small fix"'
    ],
    [
      'somebody who may not write',
      { approvedWithoutWrite: ['eve'] },
      '- #2 by mallory; approved without write access by eve; title "Small fix"'
    ],
    [
      'an app',
      { approvedBy: ['ben[bot]', ''] },
      '- #2 by mallory; approved by ben (bot), a deleted account; title "Small fix"'
    ]
  ] as const)('of a pull request stays text: %s', (_, more, line) => {
    expect(linesOf({ pulls: read([pull(more)]) })).toContain(line)
  })

  it('is not an account because a commit says so', () => {
    const commits = [
      commit({ author: 'anna', hasAccount: false }),
      commit({ author: 'anna' }),
      commit({ author: 'kim; approved by ben', hasAccount: false }),
      commit({ author: '', hasAccount: false })
    ]
    const lines = linesOf({ comparison: compared(commits) })
    expect(lines).toContain(
      'Commits: 4; authors: "anna" (no GitHub account) 1, anna 1, "kim; approved by ben" (no GitHub account) 1, an unknown author 1'
    )
    expect(lines.slice(-4)).toEqual([
      '- 000000000000 by an unknown author; title "Small fix"',
      '- 000000000000 by "kim; approved by ben" (no GitHub account); title "Small fix"',
      '- 000000000000 by anna; title "Small fix"',
      '- 000000000000 by "anna" (no GitHub account); title "Small fix"'
    ])
  })

  it('of a check, an owner, a tag and an environment stays text', () => {
    const checks = read({
      checks: [{ name: 'e2e), 14 passed (unit', result: 'failed' } as const],
      total: 1
    })
    expect(lineOf('Checks', { checks })).toBe(
      'Checks of aaaaaaaaaaaa: 1 failed; failed: "e2e), 14 passed (unit"'
    )
    const comparison = read({
      ahead: 0,
      behind: 0,
      commits: [],
      files: [{ path: 'a', before: undefined }],
      filesCut: false
    })
    const codeOwners = read('* @acme/pay @anna dev@acme.example anna @ben;(9')
    expect(lineOf('Code owners', { comparison, codeOwners })).toBe(
      'Code owners of the files: acme/pay (1 file), anna (1 file), "dev@\u200bacme.example" (1 file), "anna" (1 file), "@\u200bben;(9" (1 file)'
    )
    const last = { commit: 'b'.repeat(40), tag: 'v1, by ben', at: 0, runId: undefined }
    const environment = 'production now: v9; not to test'
    expect(
      lineOf('Deployed', {
        environment,
        deployments: read({ last, before: undefined, seen: 1, more: false })
      })
    ).toBe(
      'Deployed to "production now: v9; not to test" now: commit bbbbbbbbbbbb (tag "v1, by ben"), since 1970-01-01 00:00:00 UTC'
    )
  })
})

const SOME =
  'anna|ben|by |approved by |; |, |"|“|(|)|\n|[|]|\\|no approving review|title |labels |risk|failed|14 passed|: |#3| and 2 more|of bots| (no GitHub account)|\u202e|\u200b|1 |- '
const texts = fc.array(fc.constantFrom(...SOME.split('|'), '|'), { maxLength: 14 }).map(some => some.join(''))
const logins = fc.oneof(fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/), texts)
const names = fc.oneof(logins, texts)

/** A name as it stands in a line: an account, or text in quotation marks. */
const NAME = String.raw`(?:"[^"]*"|a deleted account|[A-Za-z0-9_-]+(?: \(bot\))?)`
const LIST = `${NAME}(?:, ${NAME})*(?: and \\d+ more)?`
const PULL = new RegExp(
  `^- #(\\d+) by (${NAME}); (?:no approving review|approved by (${LIST}))?(?:(?:; )?approved without write access by (${LIST}))?(?:; changes requested by (${LIST}))?(?:; labels (${LIST}))?; title "[^"]*"$`
)
const CHECKS =
  /^Checks of a{12}: (?:(\d+) passed, )?(?:(\d+) failed)?(?:, )?(?:(\d+) not finished)?(?:; (?:failed|not finished): "[^"]*"(?:, "[^"]*")*(?: and \d+ more)?)*$/
const COMMITS = new RegExp(
  `^Commits: (\\d+)(?:; authors: (${NAME}(?: \\(no GitHub account\\))? \\d+|an unknown author \\d+|, )*(?: and \\d+ more)?)?$`
)

/** The names of a list: one in quotation marks is not of an account. */
const namesIn = (list: string | undefined) =>
  (list?.match(new RegExp(NAME, 'g')) ?? []).map(one => (one.startsWith('"') ? '"' : one))
const shown = (login: string) =>
  login === '' ? 'a deleted account' : /^[A-Za-z0-9_-]+$/.test(login) ? login : '"'

// Again with: npm run test:unit -- forgery --seed <seed>
const options = { seed: jest.getSeed(), numRuns: 300 }

describe(`the facts of a line (seed ${options.seed})`, () => {
  it('of a pull request are the true ones', () => {
    const people = fc.array(logins, { maxLength: 4 })
    const pulls = fc.record({
      number: fc.nat(99),
      title: texts,
      author: logins,
      labels: fc.array(texts, { maxLength: 3 }),
      approvedBy: people,
      approvedWithoutWrite: people,
      refusedBy: people
    })
    fc.assert(
      fc.property(pulls, more => {
        const line = linesOf({ pulls: read([pull(more)]) }).at(-1) ?? ''
        const [, number, author, approved, others, refused, labels] = PULL.exec(line) ?? []
        expect([Number(number), ...namesIn(author)]).toEqual([more.number, shown(more.author)])
        expect(namesIn(approved)).toEqual(more.approvedBy.map(shown))
        expect(namesIn(others)).toEqual(more.approvedWithoutWrite.map(shown))
        expect(namesIn(refused)).toEqual(more.refusedBy.map(shown))
        expect(namesIn(labels)).toEqual(more.labels.filter(one => one.includes('risk')).map(() => '"'))
      }),
      options
    )
  })

  it('of a commit without a pull request are the true ones', () => {
    fc.assert(
      fc.property(texts, names, fc.boolean(), (title, author, hasAccount) => {
        const lines = linesOf({ comparison: compared([commit({ title, author, hasAccount })]) })
        const form = new RegExp(
          `^- 0{12} by (${NAME}|an unknown author)( \\(no GitHub account\\))?; title "[^"]*"$`
        )
        const [, name = '', none] = form.exec(lines.at(-1) ?? '') ?? []
        const isNamed = author.trim() !== ''
        expect([name.startsWith('"') ? '"' : name, none !== undefined]).toEqual(
          hasAccount ? [shown(author), false] : [isNamed ? '"' : 'an unknown author', isNamed]
        )
        expect(lines.find(line => line.startsWith('Commits'))).toMatch(COMMITS)
      }),
      options
    )
  })

  it('of checks are the true ones', () => {
    const results = fc.constantFrom('passed' as const, 'failed' as const, 'pending' as const)
    const checks = fc.array(fc.record({ name: texts, result: results }), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(checks, all => {
        const line = lineOf('Checks', { checks: read({ checks: all, total: all.length }) })
        const counts = CHECKS.exec(line.replace(/( passed)(;|$)/, '$1, $2')) ?? []
        const of = (result: string) => all.filter(one => one.result === result).length
        expect(counts.slice(1).map(one => Number(one ?? 0))).toEqual(['passed', 'failed', 'pending'].map(of))
      }),
      options
    )
  })
})
