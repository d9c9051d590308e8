import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { isInputError } from '../inputs/error.ts'
import { findEvidence } from './find.ts'
import type { EvidenceFile } from './types.ts'

let root = ''
let workspace = ''
let temp = ''
beforeEach(() => {
  // The glob library tells the runner about its options, as debug lines.
  jest.spyOn(process.stdout, 'write').mockReturnValue(true)
  root = realpathSync(mkdtempSync(join(tmpdir(), 'kit-evidence-')))
  workspace = join(root, 'work [1]')
  temp = join(root, 'temp')
  mkdirSync(workspace)
  mkdirSync(temp)
})
afterEach(() => {
  jest.restoreAllMocks()
  rmSync(root, { recursive: true })
})

/** Writes a file below the workspace, or at an absolute path. */
function put(path: string, content: string | Buffer = 'content'): string {
  const full = path.startsWith('/') ? path : join(workspace, path)
  mkdirSync(dirname(full), { recursive: true })
  writeFileSync(full, content)
  return full
}

const find = (request: { files?: string[]; attachments?: unknown[] }) =>
  findEvidence({ workspace, temp, ...request })

const namesOf = (found: readonly EvidenceFile[]): string[] => found.map(({ name }) => name)

async function problems(request: { files?: string[]; attachments?: unknown[] }): Promise<readonly string[]> {
  const error: unknown = await find(request).catch(reason => reason)
  if (isInputError(error)) return error.facts.problems
  throw new Error(`no input error but ${JSON.stringify(error)}`)
}

describe('findEvidence', () => {
  it('finds paths and globs relative to the workspace, whatever signs its own path has', async () => {
    const report = put('out/report.xml', '<a/>')
    put('out/deep/log.log', 'x')
    put('other.json')
    const { found, unmatched } = await find({
      files: ['out/report.xml', 'out/**/*.log', 'no/*.x', 'gone.txt', ' ']
    })
    expect(found).toEqual([
      {
        path: report,
        given: 'out/report.xml',
        name: 'report.xml',
        size: 4,
        contentType: 'application/xml',
        identity: expect.anything()
      },
      {
        path: join(workspace, 'out/deep/log.log'),
        given: 'out/**/*.log',
        name: 'log.log',
        size: 1,
        contentType: 'text/plain',
        identity: expect.anything(),
        optional: true
      }
    ])
    expect(unmatched).toEqual(['no/*.x', 'gone.txt'])
  })

  it('finds absolute paths in the temporary folder, and paths with dots', async () => {
    const file = put(join(temp, 'scan.sarif'))
    put('a/b.txt')
    const { found } = await find({ files: [file, join(temp, '*.sarif'), './a/../a/*.txt'] })
    expect(namesOf(found)).toEqual(['scan.sarif', 'b.txt'])
    expect(found[0]?.contentType).toBe('application/json')
  })

  it('takes an existing path as such although it looks like a glob', async () => {
    put('a[1].txt')
    put('a1.txt')
    expect(namesOf((await find({ files: ['a[1].txt'] })).found)).toEqual(['a[1].txt'])
  })

  it('takes away from globs what lines with ! match, and folders, and what is in .git', async () => {
    put('a.txt')
    put('skip/b.txt')
    put('.git/config')
    mkdirSync(join(workspace, 'folder.txt'))
    const { found } = await find({ files: ['**', '!skip/**'] })
    expect(namesOf(found)).toEqual(['a.txt'])
  })

  it('counts a file once, also through a link, and prefers the name it was given', async () => {
    put('a.txt')
    symlinkSync(join(workspace, 'a.txt'), join(workspace, 'link.txt'))
    const { found } = await find({
      files: ['a.txt', '*.txt'],
      attachments: ['./a.txt', { name: 'Best', file: 'a.txt' }]
    })
    expect(found).toMatchObject([{ name: 'Best.txt', given: 'a.txt' }])
  })

  it('names a linked file after the link', async () => {
    const real = put('run-17.json')
    symlinkSync(real, join(workspace, 'latest.json'))
    expect((await find({ files: ['latest.json'] })).found).toMatchObject([
      { name: 'latest.json', path: real }
    ])
  })
})

describe('names', () => {
  it('get the folder in front when two files share one, and further folders while they do', async () => {
    for (const file of ['report.xml', 'unit/report.xml', 'a/e2e/report.xml', 'b/e2e/report.xml']) put(file)
    const { found } = await find({ files: ['**/report.xml'] })
    expect(found.map(({ path, name }) => [path.slice(workspace.length + 1), name])).toEqual([
      ['a/e2e/report.xml', 'a-e2e-report.xml'],
      ['b/e2e/report.xml', 'b-e2e-report.xml'],
      ['report.xml', 'report.xml'],
      ['unit/report.xml', 'unit-report.xml']
    ])
  })

  it('are different even where prefixes make them equal', async () => {
    for (const file of ['x/report.xml', 'y/report.xml', 'sub/x-report.xml']) put(file)
    const names = namesOf((await find({ files: ['**/*.xml'] })).found)
    expect(names).toEqual(['sub-x-report.xml', 'x-report.xml', 'y-report.xml'])
  })

  it('that cannot be made different are an error', async () => {
    put('report.xml')
    put(join(temp, 'report.xml'))
    const [problem, ...more] = await problems({ files: ['report.xml', join(temp, 'report.xml')] })
    expect(problem).toContain('share the name `report.xml`')
    expect(more).toEqual([])
    put('b.xml')
    const given = [
      { name: 'same.xml', file: 'report.xml' },
      { name: 'same', file: 'b.xml' }
    ]
    expect((await problems({ attachments: given }))[0]).toContain('share the name `same.xml`')
  })

  it('given get the extension of the file when they have none', async () => {
    for (const file of ['a.xml', 'b.xml', 'c.xml', 'd']) put(file)
    const attachments = [
      { name: 'Unit tests', file: 'a.xml' },
      { name: 'Release 1.2', file: 'b.xml' },
      { name: 'final.txt', file: 'c.xml' },
      { name: 'report.json', file: 'd' }
    ]
    expect((await find({ attachments })).found).toMatchObject([
      { name: 'Unit tests.xml', contentType: 'application/xml' },
      { name: 'Release 1.2.xml' },
      { name: 'final.txt', contentType: 'application/xml' },
      { name: 'report.json', contentType: 'application/json' }
    ])
  })

  it('hold no separators and no control or reordering characters', async () => {
    put('we\nird\\na\u202eme.txt')
    put('b.txt')
    const { found } = await find({ attachments: ['we*.txt', { name: '../up/\tb', file: 'b.txt' }] })
    expect(namesOf(found)).toEqual(['we_ird-na_me.txt', '..-up-_b.txt'])
  })

  it('of one file only: a name for several is an error, and so are two for one', async () => {
    put('a.txt')
    put('b.txt')
    expect(await problems({ attachments: [{ name: 'all', file: '*.txt' }] })).toEqual([
      '`attachments`: `*.txt` matches 2 files, which cannot all be named `all`'
    ])
    const twice = [
      { name: 'one', file: 'a.txt' },
      { name: 'two', file: 'a.txt' }
    ]
    expect(await problems({ attachments: twice })).toEqual([
      '`attachments`: `a.txt` is given two names, `one` and `two`'
    ])
  })
})

describe('refusals', () => {
  it('keep to the workspace and the temporary folder, links resolved', async () => {
    const secret = put(join(root, 'secret.txt'))
    symlinkSync(secret, join(workspace, 'innocent.txt'))
    symlinkSync(root, join(workspace, 'away'))
    const outside = "is outside the workspace and the runner's temporary folder"
    const found = await problems({
      files: [secret, '../secret.txt', 'innocent.*', 'away/secret.txt', 'away/*.txt']
    })
    expect(found).toHaveLength(5)
    for (const problem of found) expect(problem).toContain(`${outside} (it is \`${secret}\`)`)
  })

  it('resolve links in the way to the workspace itself', async () => {
    put('a.txt')
    symlinkSync(workspace, join(root, 'alias'))
    const request = { workspace: join(root, 'alias'), temp: join(root, 'none'), files: ['a.txt', '*.txt'] }
    const { found } = await findEvidence(request)
    expect(found).toMatchObject([{ name: 'a.txt', path: join(workspace, 'a.txt') }])
  })

  it('do not mistake a neighbour with a longer name for the workspace', async () => {
    const file = put(`${workspace}-other/a.txt`)
    expect((await problems({ files: [file] }))[0]).toContain('is outside')
  })

  it('name everything that is wrong at once', async () => {
    mkdirSync(join(workspace, 'folder'))
    put('empty.txt', '')
    put('.git/config')
    symlinkSync('nowhere', join(workspace, 'broken'))
    symlinkSync('loop', join(workspace, 'loop'))
    const files = ['folder/', '.', 'empty.txt', '.git/config', 'broken', 'loop']
    const attachments = [
      7,
      { file: 1 },
      { name: ['x'], file: 'a' },
      { path: 'a', file: 'b' },
      '',
      { name: ' ', file: 'a' }
    ]
    expect(await problems({ files, attachments })).toEqual([
      '`attachments`: entry 1 must be a path, or `name:` and `file:`',
      '`attachments`: entry 2 needs a `file`: a path or a glob',
      '`attachments`: entry 3 has a `name` that is not a text',
      '`attachments`: entry 4 has unknown keys (`path`); it takes a path, or `name:` and `file:`',
      '`attachments`: entry 5 names no file',
      '`attachments`: entry 6 has an empty `name`',
      '`files`: `folder/` is a folder; for the files in it write `folder/**`',
      '`files`: `.` is a folder; for the files in it write `./**`',
      '`files`: `empty.txt` is empty, and empty attachments are not accepted',
      '`files`: `.git/config` is part of a `.git` folder, which can hold credentials',
      '`files`: `broken` is a link to a file that does not exist',
      expect.stringMatching(/^`files`: `loop` cannot be read: .*ELOOP/)
    ])
  })

  it('leave to the others what a glob happened to catch and cannot be attached', async () => {
    put('unit.xml')
    put('stderr.log', '')
    put('deep/.gitkeep', '')
    const { found, skipped, unmatched } = await find({ files: ['**', 'deep/*'] })
    expect(namesOf(found)).toEqual(['unit.xml'])
    expect(skipped).toEqual([
      expect.stringMatching(/`.*deep\/\.gitkeep` is empty/),
      expect.stringMatching(/`.*stderr\.log` is empty/)
    ])
    expect(unmatched).toEqual(['deep/*'])
    expect(await problems({ files: ['**', 'stderr.log'] })).toEqual([
      '`files`: `stderr.log` is empty, and empty attachments are not accepted'
    ])
  })

  it('leave pipes and sockets unopened', async () => {
    execFileSync('mkfifo', [join(workspace, 'pipe')])
    const server = createServer()
    const path = join(root, 'temp', 's')
    await new Promise<void>(resolve => server.listen(path, resolve))
    const { skipped } = await find({ files: ['p*'] })
    expect(skipped).toEqual([expect.stringContaining('is not a regular file')])
    const found = await problems({ files: ['pipe', path] }).finally(() => server.close())
    expect(found).toHaveLength(2)
    for (const problem of found)
      expect(problem).toContain('is not a regular file but a pipe, socket or device')
  })
})
