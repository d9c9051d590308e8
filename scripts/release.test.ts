import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import {
  changelogSection,
  isLatest,
  missingFromSbom,
  movingTags,
  problemsOf,
  type Version,
  versionOf
} from './release-facts.ts'

const ROOT = join(import.meta.dirname, '..')
const CHANGELOG = `# Changelog

## [Unreleased]

### Added

- Not out yet.

## [1.1.0] - 2027-01-15

### Fixed

- A fix, see [1.0.0].

## [1.0.0] - 2026-12-01

First release.

[Unreleased]: https://example.org/compare/v1.1.0...HEAD
[1.1.0]: https://example.org/compare/v1.0.0...v1.1.0
`

function version(tag: string): Version {
  const found = versionOf(tag)
  if (found === undefined) throw new Error(`${tag} is not a version tag`)
  return found
}

describe('a version tag', () => {
  it.each(['v1.0.0', 'v10.20.30', 'v1.0.0-rc.1', 'v2.0.0-beta-2'])('accepts %s', tag => {
    expect(versionOf(tag)?.text).toBe(tag.slice(1))
  })

  it.each(['1.0.0', 'v1', 'v1.0', 'v01.0.0', 'v1.0.0-', 'v1.0.0+5', 'v1.0.0 ', 'v1.0.0\nv2.0.0', 'version'])(
    'does not accept %j',
    tag => {
      expect(versionOf(tag)).toBeUndefined()
    }
  )
})

describe('the section of the changelog', () => {
  it('ends at the next heading', () => {
    expect(changelogSection(CHANGELOG, '1.1.0')).toEqual({
      date: '2027-01-15',
      text: '### Fixed\n\n- A fix, see [1.0.0].'
    })
  })

  it('has no link definitions', () => {
    expect(changelogSection(CHANGELOG, '1.0.0')?.text).toBe('First release.')
  })

  it.each(['Unreleased', '1.1', '1.1.00', '1x1.0', '2.0.0'])('is not found for %s', name => {
    expect(changelogSection(CHANGELOG, name)).toBeUndefined()
  })
})

describe('a release', () => {
  it('is possible when tag, manifests and changelog have the same version', () => {
    expect(problemsOf('v1.1.0', { 'package.json': '1.1.0' }, CHANGELOG)).toEqual([])
  })

  it('is refused for manifests with another version, and for a changelog without the version', () => {
    const versions = {
      'package.json': '1.1.0',
      'package-lock.json': '1.2.0',
      'packages/a/package.json': undefined
    }
    expect(problemsOf('v1.2.0', versions, CHANGELOG)).toEqual([
      'package.json has version 1.1.0, the tag is v1.2.0.',
      'packages/a/package.json has version (none), the tag is v1.2.0.',
      'CHANGELOG.md has no heading "## [1.2.0] - <yyyy-mm-dd>".'
    ])
  })

  it('is refused when the section of the changelog is empty', () => {
    expect(problemsOf('v3.0.0', {}, '## [3.0.0] - 2027-03-01\n\n[3.0.0]: https://example.org')).toEqual([
      'The section 3.0.0 of CHANGELOG.md is empty.'
    ])
  })

  it('is refused for a tag that is not a version', () => {
    expect(problemsOf('v1', { 'package.json': '1.1.0' }, CHANGELOG)).toHaveLength(1)
  })
})

describe('the tags to move', () => {
  it.each<[released: string, tags: string[], moved: string[]]>([
    ['v1.0.0', ['v1.0.0'], ['v1.0', 'v1']],
    ['v1.1.0', ['v1', 'v1.0', 'v1.0.0', 'v1.1.0'], ['v1.1', 'v1']],
    ['v1.0.5', ['v1.0.5', 'v1.0.4', 'v1.1.0'], ['v1.0']],
    ['v1.9.0', ['v1.9.0', 'v1.10.0'], ['v1.9']],
    ['v1.0.3', ['v1.0.3', 'v1.0.4', 'v1.1.0'], []],
    ['v1.2.0', ['v1.2.0', 'v2.0.0'], ['v1.2', 'v1']],
    ['v1.2.0', ['v1.2.0', 'v1.3.0-rc.1'], ['v1.2', 'v1']],
    ['v1.2.0-rc.1', ['v1.2.0-rc.1'], []]
  ])('%s among %j moves %j', (released, tags, moved) => {
    expect(movingTags(version(released), tags)).toEqual(moved)
  })

  it.each<[released: string, tags: string[], latest: boolean]>([
    ['v1.1.0', ['v1.0.0', 'v1.1.0'], true],
    ['v1.1.1', ['v1.1.1', 'v2.0.0'], false],
    ['v2.0.0-rc.1', ['v1.1.0', 'v2.0.0-rc.1'], false]
  ])('%s among %j is the latest: %j', (released, tags, latest) => {
    expect(isLatest(version(released), tags)).toBe(latest)
  })
})

it('finds packages of the bundles that are missing in the SBOM, or have another version', () => {
  const sbom = { components: [{ 'bom-ref': 'yaml@2.9.1' }, { 'bom-ref': '@actions/core@3.0.0' }] }
  const bundled = ['yaml@2.9.1', '@actions/core@3.0.1', 'zod@4.6.7', 'zod@4.6.7']
  expect(missingFromSbom(sbom, bundled)).toEqual(['@actions/core@3.0.1', 'zod@4.6.7'])
})

describe('release.ts', () => {
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [join(ROOT, 'scripts/release.ts'), ...args], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH }
    })
  const current = `v${JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).version}`

  it('accepts the version of this tree', () => {
    const { stdout, stderr, status } = run('check', current)
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 })
    const head = execFileSync('git', ['-C', ROOT, 'rev-parse', 'HEAD'], { encoding: 'utf8' }).trim()
    expect(stdout).toContain(`commit=${head}\nprerelease=${String(current.includes('-'))}\n`)
  })

  it('prints why another version is refused', () => {
    const { stderr, status } = run('check', 'v0.0.1')
    expect(status).toBe(1)
    expect(stderr).toContain('package-lock.json has version')
  })

  it('prints the notes of the version, and fails for another version', () => {
    const notes = run('notes', current).stdout.trim()
    expect(notes).not.toBe('')
    expect(readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8')).toContain(notes)
    expect(run('notes', 'v0.0.1').status).toBe(1)
  })

  it('fails without a command', () => {
    expect(run().status).toBe(1)
    expect(run('publish', current).stderr).toContain('Usage')
  })
})
