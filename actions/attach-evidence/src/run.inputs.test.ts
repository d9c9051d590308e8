import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { inWorld, type World } from '../../testing/perform.ts'
import { definition } from './main.ts'

/** A step about a change in Implement, with two small files in the workspace. */
function attach({ sandbox, workspace, perform }: World, inputs: Record<string, string>) {
  for (const name of ['one.txt', 'two.txt']) writeFileSync(join(workspace, name), `${name}\n`)
  const sysId = sandbox.insert('change_request', { short_description: 'Deploy', state: '-1' })
  return perform(definition, { inputs: { 'change-sys-id': sysId, ...inputs } })
}

describe('a pattern that matches nothing', () => {
  it('fails the step before any request, with what to do', () =>
    inWorld({}, async world => {
      const step = await attach(world, { files: 'missing.xml\n*.none' })
      expect(step.failure).toEqual({
        title: 'Input error',
        text:
          'No file matches "missing.xml", "*.none".\n' +
          'Fix: check the paths (they are relative to the workspace), or set `if-no-files-found: warn`'
      })
      expect(world.sandbox.requests).toEqual([])
    }))

  it.each([
    ['one.txt', '1 other file matched'],
    ['*.txt', '2 other files matched']
  ])('fails the step beside %s too, and says so', (files, others) =>
    inWorld({}, async world => {
      const step = await attach(world, { files: `${files}\nmissing.xml` })
      expect(step.failure?.text).toMatch(/^No file matches "missing\.xml" \(/)
      expect(step.failure?.text).toContain(`(${others}).`)
    })
  )

  it('is a warning where that is asked for, and the others are attached', () =>
    inWorld({}, async world => {
      const step = await attach(world, { files: 'one.txt\nmissing.xml', 'if-no-files-found': 'warn' })
      expect(step.failure).toBeUndefined()
      expect(step.warnings).toEqual(['No file matches "missing.xml" (1 other file matched).'])
      expect(step.outputs['attached-count']).toBe('1')
    }))

  it('passes in silence where that is asked for', () =>
    inWorld({}, async world => {
      const step = await attach(world, { attachments: '- missing.xml', 'if-no-files-found': 'ignore' })
      expect(step.failure).toBeUndefined()
      expect(step.warnings).toEqual([])
      expect(step.outputs).toMatchObject({
        'attached-count': '0',
        'skipped-count': '0',
        attachments: '[]',
        'change-state': 'implement'
      })
      expect(step.info.at(-1)).toBe('0 attached, 0 already attached.')
      expect(world.sandbox.rows('sys_journal_field')).toEqual([])
    }))

  it('is no warning where each pattern matches', () =>
    inWorld({}, async world => {
      const step = await attach(world, { files: '*.txt', 'if-no-files-found': 'warn' })
      expect(step.warnings).toEqual([])
    }))
})

describe('a change', () => {
  it('that does not exist is what the step fails for, though its attachments cannot be listed either', () =>
    inWorld({}, async world => {
      world.sandbox.fault({ kind: 'acl', path: '/api/now/attachment', times: Infinity })
      const step = await attach(world, { files: 'one.txt', 'change-sys-id': 'f'.repeat(32) })
      expect(step.failure?.title).toMatch(/^ServiceNow 404/)
    }))

  it('whose number and sys_id do not agree gets no file', () =>
    inWorld({}, async world => {
      const step = await attach(world, { files: 'one.txt', 'change-number': 'CHG9999999' })
      expect(step.failure?.text).toContain('CHG9999999')
      expect(world.sandbox.rows('sys_attachment')).toEqual([])
    }))

  it('is not asked for its attachments where no file was found', () =>
    inWorld({}, async world => {
      await attach(world, { files: 'missing.txt', 'if-no-files-found': 'ignore' })
      expect(world.sandbox.requests.filter(one => one.path.includes('/attachment'))).toEqual([])
    }))
})

describe('wrong inputs', () => {
  it.each<[about: string, inputs: Record<string, string>, problem: RegExp]>([
    ['nothing to attach', {}, /^There is nothing to attach: give `files` or `attachments`$/],
    ['an empty list', { attachments: '[]' }, /^There is nothing to attach/],
    ['no change', { files: 'one.txt', 'change-sys-id': '' }, /^No change is named: /],
    [
      'a sys_id that is none',
      { files: 'one.txt', 'change-sys-id': 'x' },
      /^`change-sys-id` must be a sys_id/
    ],
    ['half of the credentials', { files: 'one.txt', username: 'me' }, /`password`/],
    ['an unknown if-exists', { files: 'one.txt', 'if-exists': 'replace' }, /^`if-exists` must be /],
    ['an unknown if-no-files-found', { files: 'one.txt', 'if-no-files-found': 'no' }, /`if-no-files-found`/]
  ])('%s: refused before any request', (_, inputs, problem) =>
    inWorld({}, async world => {
      const step = await attach(world, inputs)
      expect(step.failure).toEqual({ title: 'Input error', text: expect.stringMatching(problem) })
      expect(step.outputs).toEqual({ attachments: '[]', 'attached-count': '0', 'skipped-count': '0' })
      expect(world.sandbox.requests).toEqual([])
    })
  )

  it('one of the two lists is enough', () =>
    inWorld({}, async world => {
      for (const inputs of [{ files: 'one.txt' }, { attachments: '- one.txt' }])
        expect((await attach(world, inputs)).outputs['attached-count']).toBe('1')
    }))

  it('a job with several changes must say which is meant', () =>
    inWorld({}, async world => {
      writeFileSync(join(world.workspace, 'one.txt'), 'one\n')
      const env = {
        SERVICENOW_CHANGE_SYS_ID: `${'a'.repeat(32)},${'b'.repeat(32)}`,
        SERVICENOW_CHANGE_NUMBER: 'CHG0000001,CHG0000002'
      }
      const step = await world.perform(definition, { env, inputs: { files: 'one.txt' } })
      expect(step.failure?.text).toMatch(/^This job made or used several changes \(CHG0000001, CHG0000002\)/)
    }))
})
