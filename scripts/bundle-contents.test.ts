import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, it } from '@jest/globals'
import { bundledPackages, contentsOf, readContents } from './bundle-contents.ts'

const root = dirname(import.meta.dirname)
const tree = mkdtempSync(join(tmpdir(), 'contents-'))
afterAll(() => rmSync(tree, { recursive: true }))

/** A package as npm installs it. @returns the path of a file in it */
function installed(folder: string, manifest: object): string {
  const place = join(tree, 'node_modules', folder)
  mkdirSync(join(place, 'lib'), { recursive: true })
  writeFileSync(join(place, 'package.json'), JSON.stringify(manifest))
  return join(place, 'lib', 'index.js')
}

describe('the contents of a bundle', () => {
  const zod = installed('zod', { name: 'zod', version: '4.6.7' })
  const client = installed('@actions/client', { name: '@actions/client', version: '4.0.1' })
  const nested = installed('github/node_modules/@actions/client', {
    name: '@actions/client',
    version: '3.0.2'
  })
  const stub = installed('core/node_modules/exec', { name: 'exec', version: '3.0.0', private: true })
  const stats = {
    chunks: [
      { id: 1, files: ['index.js'] },
      { id: 2, files: ['2.index.js'] },
      { id: 3, files: ['3.index.js'] }
    ],
    modules: [
      { nameForCondition: join(tree, 'packages/ours/src/index.js'), chunks: [1] },
      {
        nameForCondition: null,
        chunks: [1, 2],
        modules: [{ nameForCondition: zod }, { nameForCondition: stub }]
      },
      { nameForCondition: nested, chunks: [2] },
      { nameForCondition: client, chunks: [2] }
    ]
  }

  it('are the packages in each file: every version, also of modules put into one, no stubs, no code of ours', () => {
    expect(contentsOf(stats)).toEqual({
      '2.index.js': ['@actions/client@3.0.2', '@actions/client@4.0.1', 'zod@4.6.7'],
      '3.index.js': [],
      'index.js': ['zod@4.6.7']
    })
  })

  it('are all packages once, with their folders', () => {
    expect(bundledPackages(stats).map(({ name, version, folder }) => [name, version, folder])).toEqual([
      ['@actions/client', '3.0.2', dirname(dirname(nested))],
      ['@actions/client', '4.0.1', dirname(dirname(client))],
      ['zod', '4.6.7', dirname(dirname(zod))]
    ])
  })
})

describe('what dist/ says of itself', () => {
  const contents = readContents(root)
  const lib = join(root, 'dist', 'lib')
  const filesWith = (name: string) =>
    Object.entries(contents).flatMap(([file, packages]) =>
      packages.some(one => one.startsWith(`${name}@`)) ? [file] : []
    )

  it('is about every script', () => {
    expect(Object.keys(contents)).toEqual(
      readdirSync(lib)
        .filter(file => file.endsWith('.js'))
        .sort()
    )
  })

  /** Texts that stay in a bundle, and come from one package alone. */
  it.each([
    ['undici', 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH'],
    ['@octokit/plugin-rest-endpoint-methods', '/repos/{owner}/{repo}/actions/runs/{run_id}/approvals'],
    ['yaml', 'BLOCK_AS_IMPLICIT_KEY'],
    ['zod', '_zod']
  ])('%s is where its code is', (name, text) => {
    const files = Object.keys(contents).filter(file => readFileSync(join(lib, file), 'utf8').includes(text))
    expect(filesWith(name)).toEqual(files)
  })

  it('Octokit and undici are in files that only work with GitHub loads', () => {
    const first = readFileSync(join(lib, 'index.js'), 'utf8')
    const [undici] = filesWith('undici')
    expect(filesWith('@actions/github')).toEqual([undici])
    expect(undici).not.toBe('index.js')
    expect(first).not.toMatch(/UND_ERR_|octokit/)
  })
})
