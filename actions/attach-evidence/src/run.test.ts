import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { definition as createChange } from '../../create-change/src/main.ts'
import { type Given, inWorld, type Performed, type World } from '../../testing/perform.ts'
import { definition } from './main.ts'

const JUNIT = '<testsuite name="shop"><testcase name="pays"/><testcase name="ships"/></testsuite>\n'
const NOTES = 'All well.\n'

function write({ workspace }: World, files: Readonly<Record<string, string>>): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(workspace, name)), { recursive: true })
    writeFileSync(join(workspace, name), content)
  }
}

/** A change in Implement, with two reports in the workspace. */
function prepare(world: World) {
  write(world, { 'reports/unit.xml': JUNIT, 'notes.txt': NOTES })
  const { sandbox, perform } = world
  const sysId = sandbox.insert('change_request', { short_description: 'Deploy the shop', state: '-1' })
  const number = sandbox.change(sysId)?.number ?? ''
  const attach = (inputs: Record<string, string>, given: Given = {}) =>
    perform(definition, { ...given, inputs: { 'change-number': number, ...inputs } })
  const notes = () => sandbox.journal(sysId).map(note => note.text)
  return { sysId, number, attach, notes }
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const result = (step: Performed) => JSON.parse(step.outputs.metrics ?? '').result
const statuses = (step: Performed) =>
  JSON.parse(step.outputs.attachments ?? '').map((one: { status: string }) => one.status)

const ALL = { files: 'reports/*.xml', attachments: '- name: Release notes\n  file: notes.txt' }

describe.each(['change-management', 'table'] as const)('on the %s API, attach-evidence', api => {
  it('attaches files and attachments, and says in a note what they are', () =>
    inWorld({ api }, async world => {
      const { sandbox } = world
      const { number, sysId, attach, notes } = prepare(world)
      const step = await attach(ALL)
      expect(step.failure).toBeUndefined()
      const stored = sandbox.attachments(number)
      expect(Object.fromEntries(stored.map(one => [one.name, one.bytes.toString()]))).toEqual({
        'unit.xml': JUNIT,
        'Release notes.txt': NOTES
      })
      const idOf = (name: string) => stored.find(one => one.name === name)?.sysId
      expect(step.outputs).toEqual({
        'change-sys-id': sysId,
        'change-number': number,
        'change-url': expect.stringContaining(sysId),
        'change-state': 'implement',
        attachments: expect.any(String),
        'attached-count': '2',
        'skipped-count': '0',
        metrics: expect.stringContaining('"result":"attached"')
      })
      expect(JSON.parse(step.outputs.attachments ?? '')).toEqual([
        {
          name: 'unit.xml',
          file: 'reports/*.xml',
          'sys-id': idOf('unit.xml'),
          size: JUNIT.length,
          sha256: sha256(JUNIT),
          status: 'attached'
        },
        {
          name: 'Release notes.txt',
          file: 'notes.txt',
          'sys-id': idOf('Release notes.txt'),
          size: 10,
          sha256: sha256(NOTES),
          status: 'attached'
        }
      ])
      expect(notes()).toEqual([
        expect.stringMatching(
          new RegExp(
            `^Evidence attached:\nunit\\.xml, ${JUNIT.length} bytes, SHA-256 ${sha256(JUNIT)}: JUnit: 2 tests, .*\n` +
              `Release notes\\.txt, 10 bytes, SHA-256 ${sha256(NOTES)}\n`
          )
        )
      ])
    }))

  it('skips what is attached already, and adds no note', () =>
    inWorld({ api }, async world => {
      const { number, attach, notes } = prepare(world)
      await attach({ files: 'notes.txt' })
      const before = notes()
      const again = await attach({ files: 'notes.txt' })
      expect(again.outputs).toMatchObject({ 'attached-count': '0', 'skipped-count': '1' })
      expect(statuses(again)).toEqual(['skipped'])
      expect(again.info.at(-1)).toBe('0 attached, 1 already attached.')
      expect(again.summary).toContain('notes.txt (10 bytes, attached before)')
      expect(notes()).toEqual(before)
      expect(world.sandbox.attachments(number)).toHaveLength(1)
    }))

  it('says in a dry run what it would attach, and writes nothing', () =>
    inWorld({ api }, async world => {
      const { attach, number, sysId } = prepare(world)
      const step = await attach({ files: 'notes.txt', 'dry-run': 'true' })
      expect(step.failure).toBeUndefined()
      expect(step.info).toContain(`Dry run: would attach notes.txt (10 bytes) to ${number}.`)
      expect(step.outputs).toMatchObject({
        'change-sys-id': sysId,
        attachments: '[]',
        'attached-count': '0',
        'skipped-count': '0'
      })
      expect(result(step)).toBe('dry-run')
      expect(
        world.sandbox.requests.filter(one => one.method !== 'GET' && one.path !== '/oauth_token.do')
      ).toEqual([])
    }))
})

describe('what a step tells', () => {
  it('is in log and summary', () =>
    inWorld({}, async world => {
      const { attach, number } = prepare(world)
      const step = await attach(ALL)
      expect(step.info).toEqual(
        expect.arrayContaining([
          expect.stringMatching(/^unit\.xml: JUnit: 2 tests/),
          `Attached Release notes.txt (10 bytes, SHA-256 ${sha256(NOTES)}) to ${number}.`
        ])
      )
      expect(step.info.at(-1)).toBe('2 attached, 0 already attached.')
      expect(step.summary).toContain(`[${number}]`)
      expect(step.summary).toMatch(/unit\.xml: JUnit: 2 tests/)
      expect(step.summary).not.toContain('##')
    }))

  it('counts what is new and what is not', () =>
    inWorld({}, async world => {
      const { attach, notes } = prepare(world)
      await attach({ files: 'notes.txt' })
      const step = await attach({ files: 'notes.txt\nreports/unit.xml' })
      expect(step.outputs).toMatchObject({ 'attached-count': '1', 'skipped-count': '1' })
      expect(statuses(step)).toEqual(['skipped', 'attached'])
      expect(step.info.at(-1)).toBe('1 attached, 1 already attached.')
      expect(notes()).toHaveLength(2)
      expect(notes().filter(text => text.includes('notes.txt'))).toHaveLength(1)
    }))
})

describe('the note', () => {
  it('is left out with work-note: false', () =>
    inWorld({}, async world => {
      const { attach, notes } = prepare(world)
      const step = await attach({ files: 'notes.txt', 'work-note': 'false' })
      expect(step.outputs['attached-count']).toBe('1')
      expect(notes()).toEqual([])
    }))

  it('that an earlier attempt could not write is written by the next one', () =>
    inWorld({}, async world => {
      const { attach, notes } = prepare(world)
      await attach({ files: 'notes.txt', 'work-note': 'false' })
      const env = { GITHUB_RUN_ATTEMPT: '2' }
      const step = await attach({ files: 'notes.txt' }, { env })
      expect(step.outputs['attached-count']).toBe('0')
      expect(notes()).toEqual([expect.stringMatching(/^Evidence attached:\nnotes\.txt, 10 bytes/)])
      await attach({ files: 'notes.txt' }, { env: { GITHUB_RUN_ATTEMPT: '3' } })
      expect(notes()).toHaveLength(1)
    }))
})

describe('a note on many files', () => {
  it(
    'has the totals first, then what failed, then the rest, and is never cut',
    () =>
      inWorld({}, async world => {
        const { attach, notes } = prepare(world)
        const report = (n: number) =>
          `<testsuite><testcase name="${n}">${n === 250 ? '<failure/>' : ''}</testcase></testsuite>`
        const files = Array.from({ length: 300 }, (_, n) => [`many/TEST-com.acme.Case${n}.xml`, report(n)])
        write(world, Object.fromEntries(files))
        const step = await attach({ files: 'many/*.xml' })
        expect(step.failure).toBeUndefined()
        const lines = notes().flatMap(text => text.split('\n'))
        expect(lines.slice(0, 3)).toEqual([
          'Evidence attached:',
          'Tests: 300 tests, 1 failed, 0 errors, 0 skipped',
          'Files with failures or findings: 1'
        ])
        expect(lines[3]).toMatch(/^TEST-com\.acme\.Case250\.xml, .* 1 failed/)
        expect(lines.filter(line => line.includes('JUnit:'))).toHaveLength(300)
        const again = notes().length
        await attach({ files: 'many/*.xml' }, { env: { GITHUB_RUN_ATTEMPT: '2' } })
        expect(notes()).toHaveLength(again)
      }),
    30_000
  )

  it('warns of a report that cannot be counted', () =>
    inWorld({}, async world => {
      const { attach, notes } = prepare(world)
      write(world, { 'cut.xml': '<testsuite><testcase><failure/></testcase><testcase' })
      const step = await attach({ files: 'cut.xml' })
      expect(step.warnings).toEqual([
        expect.stringMatching(/^cut\.xml: JUnit: not counted \(cut or malformed/)
      ])
      expect(notes()[0]).toContain('JUnit: not counted (cut or malformed; up to there 1 test, 1 failed')
    }))
})

describe('a file that cannot be attached', () => {
  it('is a warning where a glob caught it, and the others go', () =>
    inWorld({ attachmentExtensions: ['xml'] }, async world => {
      const { attach, number, notes } = prepare(world)
      write(world, { 'reports/stderr.log': '', 'reports/build.log': 'x' })
      const step = await attach({ files: 'reports/*' })
      expect(step.failure).toBeUndefined()
      expect(world.sandbox.attachments(number).map(one => one.name)).toEqual(['unit.xml'])
      expect(step.warnings).toEqual([
        expect.stringContaining('stderr.log` is empty'),
        expect.stringMatching(/^build\.log is not attached: .*glide\.attachment\.extensions/)
      ])
      expect(notes()).toHaveLength(1)
    }))

  it('is an error where it was named; what was attached before is told and noted', () =>
    inWorld({ attachmentExtensions: ['xml'] }, async world => {
      const { attach, notes } = prepare(world)
      const step = await attach({ files: 'reports/unit.xml\nnotes.txt' })
      expect(step.failure?.title).toBe('ServiceNow 403: file refused')
      expect(step.failure?.text).toMatch(/glide\.attachment\.extensions.*Fix:.*name/s)
      expect(statuses(step)).toEqual(['attached'])
      expect(notes()).toEqual([expect.stringContaining('unit.xml')])
    }))
})

describe('if-exists: attach', () => {
  it('attaches a file once more', () =>
    inWorld({}, async world => {
      const { number, attach } = prepare(world)
      await attach({ files: 'notes.txt' })
      const step = await attach({ files: 'notes.txt', 'if-exists': 'attach' })
      expect(step.outputs).toMatchObject({ 'attached-count': '1', 'skipped-count': '0' })
      expect(world.sandbox.attachments(number)).toHaveLength(2)
    }))
})

describe('the change', () => {
  it('is that of the job', () =>
    inWorld({}, async world => {
      write(world, { 'notes.txt': NOTES })
      const inputs = { 'short-description': 'Deploy', 'assignment-group': 'DevOps Team' }
      const created = await world.perform(createChange, { inputs })
      const step = await world.perform(definition, { inputs: { files: 'notes.txt' } })
      expect(step.failure).toBeUndefined()
      expect(step.outputs['change-number']).toBe(created.outputs['change-number'])
      expect(world.sandbox.attachments(step.outputs['change-number'] ?? '')).toHaveLength(1)
    }))

  it('may be missing in a dry run, where an earlier step would have made it', () =>
    inWorld({}, async world => {
      write(world, { 'notes.txt': NOTES })
      const step = await world.perform(definition, { inputs: { files: 'notes.txt', 'dry-run': 'true' } })
      expect(step.failure).toBeUndefined()
      expect(step.info).toContain('Dry run: would attach notes.txt (10 bytes).')
      expect(result(step)).toBe('dry-run')
    }))

  it('that does not exist fails the step, and nothing is attached', () =>
    inWorld({}, async world => {
      prepare(world)
      for (const name of [{ 'change-number': 'CHG9999999' }, { 'change-sys-id': 'f'.repeat(32) }]) {
        const step = await world.perform(definition, { inputs: { files: 'notes.txt', ...name } })
        expect(step.failure?.title).toMatch(/^ServiceNow/)
        expect(step.outputs).toMatchObject({ attachments: '[]', 'attached-count': '0', 'skipped-count': '0' })
        expect(result(step)).toBe('failure')
      }
      expect(world.sandbox.rows('sys_attachment')).toEqual([])
    }))

  it('is told as soon as it is known, and so is each file, when a later one fails', () =>
    inWorld({}, async world => {
      const { attach, sysId } = prepare(world)
      await attach({ files: 'notes.txt', 'work-note': 'false' })
      world.sandbox.fault({ kind: 'acl', path: '/api/now/attachment', method: 'POST', times: Infinity })
      const step = await attach({ files: 'notes.txt\nreports/unit.xml' })
      expect(step.failure?.title).toMatch(/^ServiceNow 403/)
      expect(step.failure?.text).toContain('is in Implement')
      expect(step.outputs).toMatchObject({
        'change-sys-id': sysId,
        'attached-count': '0',
        'skipped-count': '1'
      })
      expect(statuses(step)).toEqual(['skipped'])
    }))
})
