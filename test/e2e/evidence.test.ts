/** attach-evidence: which files, under which names, byte for byte, once. */
import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Sandbox } from '@change-actions/sandbox'
import { expect } from '@jest/globals'
import { onBothApis, scenario, scenarios, type World, writes } from './harness.ts'
import type { Job } from './job.ts'

const JUNIT = [
  '<testsuites><testsuite name="shop">',
  '<testcase name="buys"/><testcase name="pays"><failure message="no money"/></testcase>',
  '<testcase name="returns"><skipped/></testcase>',
  '</testsuite></testsuites>'
].join('\n')

const SARIF = JSON.stringify({
  version: '2.1.0',
  runs: [
    {
      tool: { driver: { name: 'scanner' } },
      results: [{ level: 'error' }, { level: 'warning' }, { level: 'warning' }].map(one => ({
        ...one,
        message: { text: 'x' }
      }))
    }
  ]
})

const TRIVY = JSON.stringify({
  SchemaVersion: 2,
  ArtifactName: 'shop',
  Results: [{ Target: 'shop', Vulnerabilities: [{ Severity: 'CRITICAL' }, { Severity: 'LOW' }] }]
})

/** Sorted: files are sent side by side, and any may be stored first. */
const names = (sandbox: Sandbox, change: string) =>
  sandbox
    .attachments(change)
    .map(one => one.name)
    .sort()

const sha256 = (content: string | Buffer) => createHash('sha256').update(content).digest('hex')

/** The step on a change that is there already. */
function attach({ job, plant }: Pick<World, 'job' | 'plant'>) {
  const { number } = plant({ state: '-1', approval: 'approved' })
  const named = (inputs: Readonly<Record<string, string>>) => ({ 'change-number': number, ...inputs })
  return {
    number,
    pass: (inputs: Readonly<Record<string, string>>) => job.pass('attach-evidence', named(inputs)),
    fail: (inputs: Readonly<Record<string, string>>) => job.fail('attach-evidence', named(inputs))
  }
}

function writeReports(job: Job): void {
  job.file('reports/unit/report.xml', JUNIT)
  job.file('reports/e2e/report.xml', '<testsuite/>')
  job.file('reports/scan.sarif', SARIF)
  job.file('reports/notes.txt', 'All well.\n')
}

onBothApis(api => {
  scenario('globs, and folders in front of names that clash', { api }, async world => {
    const { sandbox, job } = world
    writeReports(job)
    const { number, pass } = attach(world)
    const step = await pass({ files: 'reports/**/*.xml\nreports/*.sarif\n!reports/none*' })
    expect(names(sandbox, number)).toEqual(['e2e-report.xml', 'scan.sarif', 'unit-report.xml'])
    expect(step.outputs).toMatchObject({ 'attached-count': '3', 'skipped-count': '0' })
    for (const stored of sandbox.attachments(number)) {
      expect(JSON.parse(step.outputs.attachments ?? '')).toContainEqual({
        name: stored.name,
        file: expect.stringMatching(/^reports\//),
        'sys-id': stored.sysId,
        size: stored.size,
        sha256: stored.hash,
        status: 'attached'
      })
    }
  })

  scenario('a name of its own, with the extension of the file', { api }, async world => {
    const { sandbox, job } = world
    writeReports(job)
    const { number, pass } = attach(world)
    const attachments = [
      '- name: Unit tests 1.2',
      '  file: reports/unit/report.xml',
      '- reports/notes.txt',
      '- {name: findings.json, file: "reports/*.sarif"}'
    ]
    await pass({ attachments: attachments.join('\n') })
    expect(names(sandbox, number)).toEqual(['Unit tests 1.2.xml', 'findings.json', 'notes.txt'])
  })

  scenario('one name for several files is an error', { api }, async world => {
    writeReports(world.job)
    const { fail } = attach(world)
    const step = await fail({ attachments: '- name: Report\n  file: reports/**/*.xml' })
    expect(step.error.title).toBe('Input error')
    expect(step.error.message).toMatch(/`reports\/\*\*\/\*\.xml`.*`Report/)
    expect(writes(world.sandbox)).toEqual([])
  })

  scenario('bytes of every kind arrive as they are', { api }, async world => {
    const { sandbox, job } = world
    const files = {
      'all-bytes.bin': Buffer.from(Array.from({ length: 256 }, (_, n) => n)),
      'large.zip': randomBytes(5 * 1024 * 1024),
      'no-newline.txt': Buffer.from('caf\u00e9 \ud83d\ude80\r\n--boundary\r\n\r\nend'),
      'Bericht für März (1).json': Buffer.from('{"a": 1}\n'),
      'archive.tar.gz': randomBytes(100)
    }
    for (const [name, content] of Object.entries(files)) job.file(name, content)
    const { number, pass } = attach(world)
    await pass({ files: Object.keys(files).join('\n') })
    const stored = sandbox.attachments(number)
    expect(stored.map(one => one.name).sort()).toEqual(Object.keys(files).sort())
    for (const { name, bytes, hash } of stored) {
      const content = files[name as keyof typeof files]
      expect(bytes.equals(content)).toBe(true)
      expect(hash).toBe(sha256(content))
    }
    const types = Object.fromEntries(stored.map(one => [one.name, one.contentType]))
    expect(types).toMatchObject({
      'all-bytes.bin': 'application/octet-stream',
      'large.zip': 'application/zip',
      'no-newline.txt': 'text/plain',
      'Bericht für März (1).json': 'application/json'
    })
  })

  scenario('attached once, however often the step runs', { api }, async world => {
    const { sandbox, job } = world
    writeReports(job)
    const { number, pass } = attach(world)
    const inputs = { files: 'reports/*.txt\nreports/*.sarif' }
    await pass(inputs)
    const again = await pass(inputs)
    expect(again.outputs).toMatchObject({ 'attached-count': '0', 'skipped-count': '2' })
    expect(JSON.parse(again.outputs.attachments ?? '')).toEqual([
      expect.objectContaining({ status: 'skipped' }),
      expect.objectContaining({ status: 'skipped' })
    ])
    expect(sandbox.attachments(number)).toHaveLength(2)
    // Nothing was attached, so there is nothing to note.
    expect(sandbox.journal(number)).toHaveLength(1)
    job.file('reports/notes.txt', 'Not so well.\n')
    expect((await pass(inputs)).outputs).toMatchObject({ 'attached-count': '1', 'skipped-count': '1' })
    const insistent = await pass({ ...inputs, 'if-exists': 'attach' })
    expect(insistent.outputs).toMatchObject({ 'attached-count': '2', 'skipped-count': '0' })
    expect(sandbox.attachments(number)).toHaveLength(5)
  })

  scenario('files that are not there', { api }, async world => {
    const { sandbox, job } = world
    writeReports(job)
    const { number, pass, fail } = attach(world)
    const inputs = { files: 'reports/*.txt\nreports/*.pdf' }
    const strict = await fail(inputs)
    expect(strict.error.title).toBe('Input error')
    expect(strict.error.message).toContain('"reports/*.pdf"')
    expect(writes(sandbox)).toEqual([])
    const warned = await pass({ ...inputs, 'if-no-files-found': 'warn' })
    expect(warned.warnings).toEqual([expect.stringContaining('"reports/*.pdf"')])
    const silent = await pass({ files: 'nothing/**', 'if-no-files-found': 'ignore' })
    expect(silent.warnings).toEqual([])
    expect(silent.outputs).toMatchObject({ attachments: '[]', 'attached-count': '0', 'skipped-count': '0' })
    expect(names(sandbox, number)).toEqual(['notes.txt'])
  })

  scenario('the work note lists what was attached, with its counts', { api }, async world => {
    const { sandbox, job } = world
    writeReports(job)
    job.file('scan.json', TRIVY)
    job.file('broken.xml', '<testsuite><testcase')
    const { number, pass } = attach(world)
    await pass({ files: 'reports/unit/report.xml\nreports/scan.sarif\nscan.json\nbroken.xml' })
    const [note, ...more] = sandbox.journal(number).map(one => one.text)
    expect(more).toEqual([])
    const line = (name: string, content: string, counts: string) =>
      `${name}, ${Buffer.byteLength(content)} bytes, SHA-256 ${sha256(content)}${counts}`
    expect(note?.split('\n')).toEqual([
      'Evidence attached:',
      'Tests: 3 tests, 1 failed, 0 errors, 1 skipped',
      'Findings: 1 critical, 1 error, 2 warnings, 1 low',
      'Files with failures or findings: 3',
      'Files not counted: 1',
      line('report.xml', JUNIT, ': JUnit: 3 tests, 1 failed, 0 errors, 1 skipped'),
      line('scan.sarif', SARIF, ': SARIF: 1 error, 2 warnings'),
      line('scan.json', TRIVY, ': Trivy: 1 critical, 1 low'),
      line('broken.xml', '<testsuite><testcase', ': JUnit: not counted (cut or malformed)'),
      expect.stringMatching(/^\[gha [0-9a-f]{12}\]$/)
    ])
    const quiet = attach(world)
    await quiet.pass({ files: 'scan.json', 'work-note': 'false' })
    expect(sandbox.journal(quiet.number)).toEqual([])
  })

  scenario('a response that is lost does not attach twice', { api }, async world => {
    const { sandbox, job } = world
    writeReports(job)
    sandbox.fault({ kind: 'reset', committed: true, method: 'POST', path: '/attachment/file' })
    const { number, pass } = attach(world)
    const step = await pass({ files: 'reports/notes.txt' })
    expect(step.outputs['attached-count']).toBe('1')
    expect(names(sandbox, number)).toEqual(['notes.txt'])
  })

  scenario(
    'a file the instance refuses',
    {
      api,
      sandbox: { attachmentExtensions: ['xml', 'txt'] }
    },
    async world => {
      const { sandbox, job } = world
      writeReports(job)
      const { number, fail } = attach(world)
      const step = await fail({ files: 'reports/notes.txt\nreports/scan.sarif' })
      expect(step.error.title).toMatch(/^ServiceNow 4\d\d: /)
      expect(step.error.message).toContain('scan.sarif')
      // What was attached before the refusal is not forgotten.
      expect(step.outputs['attached-count']).toBe('1')
      expect(JSON.parse(step.outputs.attachments ?? '')).toHaveLength(1)
      expect(step.error.message).toContain('glide.attachment.extensions')
      expect(names(sandbox, number)).toEqual(['notes.txt'])
      expect(sandbox.journal(number).map(one => one.text)).toEqual([expect.stringContaining('notes.txt')])
    }
  )

  scenario('what a glob caught and cannot be attached', { api }, async world => {
    const { sandbox, job } = world
    job.file('reports/unit.xml', JUNIT)
    job.file('reports/stderr.log', '')
    const { number, pass } = attach(world)
    const step = await pass({ files: 'reports/*' })
    expect(step.warnings).toEqual([expect.stringContaining('stderr.log` is empty')])
    expect(names(sandbox, number)).toEqual(['unit.xml'])
  })
})

const OUTSIDE = {
  'an absolute path': (job: Job) => join(dirname(job.workspace), '..', '..', 'etc', 'hostname'),
  'a path upwards': () => '../outside.txt',
  'a link that leads out': (job: Job) => {
    symlinkSync(join(dirname(job.workspace), 'outside.txt'), join(job.workspace, 'link.txt'))
    return 'link.txt'
  },
  'a file in a folder that leads out': (job: Job) => {
    symlinkSync(dirname(job.workspace), join(job.workspace, 'folder'))
    return 'folder/outside.txt'
  },
  'the repository itself': (job: Job) => {
    job.file('.git/config', '[core]\n')
    return '.git/config'
  },
  'an empty file': (job: Job) => {
    job.file('empty.txt', '')
    return 'empty.txt'
  },
  'a folder': (job: Job) => {
    mkdirSync(join(job.workspace, 'reports'))
    return 'reports'
  }
}
scenarios('refused before anything is sent: %s', {}, OUTSIDE, async (world, prepare) => {
  writeFileSync(join(dirname(world.job.workspace), 'outside.txt'), 'secret of another job')
  world.job.file('fine.txt', 'fine\n')
  const files = `fine.txt\n${prepare(world.job)}`
  const { number, fail } = attach(world)
  const step = await fail({ files })
  expect(step.error.title).toBe('Input error')
  expect(world.sandbox.attachments(number)).toEqual([])
  expect(world.sandbox.requests).toEqual([])
})

scenario('links and the temporary folder inside are fine', {}, async world => {
  const { sandbox, job } = world
  job.file('real.txt', 'fine\n')
  symlinkSync('real.txt', join(job.workspace, 'link.log'))
  const temp = join(dirname(job.workspace), 'temp', 'made.json')
  writeFileSync(temp, '{}\n')
  const { number, pass } = attach(world)
  await pass({ files: `link.log\n${temp}` })
  expect(names(sandbox, number)).toEqual(['link.log', 'made.json'])
})
