import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { licenseNotices } from './licenses.ts'

const root = dirname(import.meta.dirname)
const committed = readFileSync(join(root, 'dist', 'lib', 'licenses.txt'), 'utf8')

describe('the licences beside the bundles', () => {
  test('are those of the installed packages', () => {
    expect(committed).toBe(licenseNotices(root))
  })

  test.each(imported())('name %s, which the sources import', name => {
    expect(committed).toMatch(new RegExp(`^${name} \\d`, 'm'))
  })
})

/** The npm packages that sources of actions and packages import, the sandbox and tests apart. */
function imported(): string[] {
  const folders = [
    'actions',
    'packages/github-actions',
    'packages/change-control',
    'packages/change-operations',
    'packages/servicenow-client'
  ]
  const names = folders.flatMap(folder =>
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
