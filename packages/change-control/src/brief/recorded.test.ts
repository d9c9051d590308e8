import { describe, expect, it } from '@jest/globals'
import { recordedCompare } from './recorded.ts'

const BASE = 'a'.repeat(40)
const HEAD = 'b'.repeat(40)
const PLACE = { repositoryUrl: 'https://github.com/acme/shop', commit: HEAD }
const PAGE = `${PLACE.repositoryUrl}/compare/${BASE}...${HEAD}`
const urlIn = (...texts: string[]) => recordedCompare(texts, PLACE).url

describe('the comparison that a change names', () => {
  it('is that of the repository and the commit, the newest first', () => {
    expect(urlIn(`Ready\nCompare: ${PAGE}\nCommits: 3`)).toBe(PAGE)
    const newer = PAGE.replace(BASE, 'c'.repeat(40))
    expect(urlIn(`Compare: ${newer}`, `Compare: ${PAGE}`)).toBe(newer)
    expect(urlIn(`(cut; all of it: ${PAGE})`)).toBe(PAGE)
  })

  it.each([
    ['another commit', PAGE.replace(HEAD, 'c'.repeat(40))],
    ['another repository', PAGE.replace('acme/shop', 'acme/shop-evil')],
    ['another server', PAGE.replace('github.com', 'github.com.evil.example')],
    ['branches', `${PLACE.repositoryUrl}/compare/main...${HEAD}`],
    ['a longer id', `${PAGE}0123`],
    ['nothing', 'Deployed by hand']
  ])('is not %s', (_, text) => expect(urlIn(text)).toBeUndefined())

  it('is not known where the server is not', () => {
    expect(recordedCompare(['/compare/'], { ...PLACE, repositoryUrl: '' }).url).toBeUndefined()
  })

  it('needs no further question where a brief of this commit has none', () => {
    const briefed = (text: string, commit = HEAD) => recordedCompare([text], { ...PLACE, commit }).briefed
    const brief = `For approvers, from GitHub:\nChecks of ${HEAD.slice(0, 12)}: none`
    expect(briefed(brief)).toBe(true)
    expect([briefed(brief, BASE), briefed(brief, ''), briefed(`Commit: ${HEAD}`)]).toEqual([
      false,
      false,
      false
    ])
  })
})
