import { describe, expect, it } from '@jest/globals'
import { ownersOf } from './code-owners.ts'

const at = (path: string, before?: string) => ({ path, before })
const ownersIn = (text: string, file: string) => ownersOf(text, [at(file)]).owners.map(one => one.owner)

describe('the owner of a file', () => {
  it.each([
    ['*', 'a/b.ts', true],
    ['*.js', 'lib/deep/a.js', true],
    ['*.js', 'lib/a.jsx', false],
    ['/build/logs/', 'build/logs/a.txt', true],
    ['/build/logs/', 'deep/build/logs/a.txt', false],
    ['/build/logs/', 'build/logs', false],
    ['docs/*', 'docs/getting-started.md', true],
    ['docs/*', 'docs/build-app/troubleshooting.md', false],
    ['apps/', 'deep/apps/a/b.ts', true],
    ['apps/', 'apps', false],
    ['/docs/', 'docs/a/b.md', true],
    ['**/logs', 'deep/logs/a.txt', true],
    ['src/**/test', 'src/a/b/test/c.ts', true],
    ['src/**/test', 'src/test/c.ts', true],
    ['apps/github', 'apps/github/a.ts', true],
    ['apps/github', 'deep/apps/github/a.ts', false],
    ['/a\\ b.txt', 'a b.txt', true],
    ['file?.txt', 'deep/file1.txt', true],
    ['!secret', 'secret', false]
  ])('%s and %s: %s', (pattern, file, owned) => {
    expect(ownersIn(`${pattern} @acme/team`, file)).toEqual(owned ? ['@acme/team'] : [])
  })

  it('is that of the last pattern that matches, which may have none', () => {
    const text = '# Owners\n*  @anna\n/web/ @ben @acme/web # the shop\n/web/generated/\r\n'
    expect(ownersIn(text, 'a.ts')).toEqual(['@anna'])
    expect(ownersIn(text, 'web/a.ts')).toEqual(['@ben', '@acme/web'])
    expect(ownersIn(text, 'web/generated/a.ts')).toEqual([])
  })
})

it('counts the files of each owner, and those of nobody', () => {
  const text = '*.ts @anna\n/web/ @ben @anna'
  expect(ownersOf(text, [at('a.ts'), at('web/b.css'), at('c.md')])).toEqual({
    owners: [
      { owner: '@anna', files: 2 },
      { owner: '@ben', files: 1 }
    ],
    withoutOwner: 1
  })
})

it('counts a file that was moved once, for those who own it here or there', () => {
  const text = '/old/ @anna\n/new/ @anna @ben'
  expect(ownersOf(text, [at('new/a.ts', 'old/a.ts'), at('b.ts', 'old/b.ts'), at('d.ts', 'c.ts')])).toEqual({
    owners: [
      { owner: '@anna', files: 2 },
      { owner: '@ben', files: 1 }
    ],
    withoutOwner: 1
  })
})

it('takes no longer for a pattern made to take long', () => {
  const begin = performance.now()
  expect(ownersIn(`${'*a'.repeat(40)}*b @x`, 'a'.repeat(240))).toEqual([])
  expect(ownersIn(`${'**/a/'.repeat(40)}b @x`, 'a/'.repeat(240))).toEqual([])
  expect(performance.now() - begin).toBeLessThan(2_000)
})
