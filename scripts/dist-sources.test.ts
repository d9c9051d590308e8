import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { hashSources, requireFreshDist, SOURCES_FILE } from './dist-sources.ts'

const ROOT = join(import.meta.dirname, '..')
const copy = mkdtempSync(join(tmpdir(), 'dist-sources-'))
const inCopy = (path: string) => join(copy, path)

beforeAll(() => {
  for (const path of ['actions', 'packages', 'scripts', 'package-lock.json', 'tsconfig.base.json'])
    cpSync(join(ROOT, path), inCopy(path), { recursive: true })
  cpSync(join(ROOT, SOURCES_FILE), inCopy(SOURCES_FILE), { recursive: true })
})
afterAll(() => rmSync(copy, { recursive: true }))

/** Whether dist/ still counts as fresh while a file has more text at its end. */
function isFreshWith(path: string): boolean {
  const before = readFileSync(inCopy(path))
  writeFileSync(inCopy(path), `${before}\n// more\n`)
  try {
    requireFreshDist(copy)
    return true
  } catch (error) {
    expect((error as Error).message).toMatch(/dist\/ is older than the sources.*run "npm run build"/)
    return false
  } finally {
    writeFileSync(inCopy(path), before)
  }
}

it.each([
  'actions/gate/src/run.ts',
  'actions/entry.ts',
  'packages/change-control/src/decision.ts',
  'packages/sandbox/src/cli.ts',
  'packages/servicenow-client/package.json',
  'scripts/build.ts',
  'package-lock.json'
])('dist/ is stale once %s has changed', path => {
  expect(isFreshWith(path)).toBe(false)
})

it.each([
  'actions/gate/src/request.test.ts',
  'packages/change-control/src/decision.test.ts',
  'actions/gate/manifest.ts',
  'actions/gate/README.md',
  'scripts/readme.ts'
])('%s is no part of dist/', path => {
  expect(isFreshWith(path)).toBe(true)
})

it('a dist/ that does not say what it was built from is stale', () => {
  rmSync(inCopy(SOURCES_FILE))
  expect(() => requireFreshDist(copy)).toThrow(/npm run build/)
  expect(hashSources(copy)).toMatch(/^[0-9a-f]{64}$/)
})
