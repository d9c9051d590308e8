/** The lock file: what is installed, here and on any other system, is what was checked. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from '@jest/globals'

interface Locked {
  readonly version?: string
  readonly integrity?: string
  readonly resolved?: string
  readonly link?: boolean
}

const file = join(import.meta.dirname, '../../package-lock.json')
const lock: { packages: Record<string, Locked> } = JSON.parse(readFileSync(file, 'utf8'))
const entries = Object.entries(lock.packages)
const installed = entries.filter(([path, { link }]) => path.includes('node_modules/') && link !== true)

// npm leaves the hash out of packages for other systems when it makes the lock file from what is installed. To put it
// there: delete these entries from the file, and run npm install --package-lock-only.
it('has a hash of each package, those for other systems too', () => {
  const bare = installed.filter(([, { integrity }]) => !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity ?? ''))
  expect(bare.map(([path]) => path)).toEqual([])
  expect(installed.length).toBeGreaterThan(100)
})

it('names no registry, so that each may be used', () => {
  const named = entries.filter(([, { resolved, link }]) => resolved !== undefined && link !== true)
  expect(named.map(([path]) => path)).toEqual([])
})
