import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { readContents } from './bundle-contents.ts'

const root = dirname(import.meta.dirname)
const committed = readFileSync(join(root, 'dist', 'lib', 'licenses.txt'), 'utf8')
const bundled = [...new Set(Object.values(readContents(root)).flat())].sort()

describe('the licences beside the bundles', () => {
  test('are those of the packages in the bundles, and no others', () => {
    const headings = committed.matchAll(/^((?:@[\w-]+\/)?[\w.-]+) (\d+\.\d+\.\d+\S*)\n[\w. -]+\n$/gm)
    expect([...headings].map(([, name, version]) => `${name}@${version}`)).toEqual(bundled)
  })

  test.each(bundled)('have the text of %s', one => {
    const [, name = '', version] = /^(.+)@(.+)$/.exec(one) ?? []
    const [, text] = committed.split(`${name} ${version}\n`)
    expect(text?.split('\n\n')[1]).toMatch(/\w/)
  })

  test.each(imported())('name %s, which the sources import', name => {
    expect(committed).toMatch(new RegExp(`^${name} \\d`, 'm'))
  })
})

/** The npm packages that sources of actions and packages import, the sandbox and tests apart. */
function imported(): string[] {
  const packages = readdirSync(join(root, 'packages')).filter(name => name !== 'sandbox')
  const names = ['actions', ...packages.map(name => `packages/${name}`)].flatMap(folder =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter(file => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.includes('testing'))
      .flatMap(file => importsOf(readFileSync(join(root, folder, file), 'utf8')))
  )
  return [...new Set(names)].sort()
}

function importsOf(source: string): string[] {
  const specifiers = [...source.matchAll(/(?:from|import\()\s*'((?:@[\w-]+\/)?[\w-]+)(?:\/[^']*)?'/g)]
  return specifiers
    .map(match => match[1] ?? '')
    .filter(name => !name.startsWith('@change-actions') && !name.startsWith('node'))
}
