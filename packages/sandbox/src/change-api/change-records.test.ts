import { afterEach, describe, expect, it } from '@jest/globals'
import type { SandboxOptions } from '../options.ts'
import { type Sandbox, startSandbox } from '../sandbox.ts'
import { seedId } from '../seed/seed.ts'
import { as, CHANGE, newChange } from '../testing/caller.ts'

let sandbox: Sandbox

async function start(options: SandboxOptions = {}): Promise<void> {
  sandbox = await startSandbox({ approvalDelayMs: 0, ...options })
}

afterEach(() => sandbox.stop())

const devOps = seedId('sys_user_group', 'devops-team')

describe('a change', () => {
  it('has display values and typed values, and numbers with a decimal point', async () => {
    await start()
    const created = await as(sandbox).post(`${CHANGE}/normal`, { short_description: 'Deploy', risk: 'Low' })
    expect(created.status).toBe(200)
    expect(created.text).toContain('"state":{"display_value":"New","value":-5.0}')
    expect(created.at('result', 'number')).toEqual({ display_value: 'CHG0030001', value: 'CHG0030001' })
    expect(created.at('result', 'risk')).toEqual({ display_value: 'Low', value: 4 })
    expect(created.at('result', 'on_hold')).toEqual({ display_value: 'false', value: false })
    expect(created.at('result', 'order')).toEqual({ display_value: '', value: '' })
    expect(created.at('result', 'approval')).toEqual({
      display_value: 'Not Yet Requested',
      value: 'not requested'
    })
    expect(created.at('result', 'sla_due')).toEqual({
      display_value: 'UNKNOWN',
      value: '',
      display_value_internal: ''
    })
    expect(created.at('result', '__meta')).toEqual({ ignoredFields: [] })
  })

  it("has dates in UTC and in the user's time zone", async () => {
    await start({ now: () => Date.UTC(2026, 1, 17, 0, 45, 11, 500) })
    const created = await as(sandbox).post(`${CHANGE}/normal`, { start_date: '2026-07-01 12:00:00' })
    expect(created.at('result', 'sys_created_on')).toEqual({
      display_value: '2026-02-16 16:45:11',
      value: '2026-02-17 00:45:11',
      display_value_internal: '2026-02-16 16:45:11'
    })
    expect(created.at('result', 'start_date', 'display_value')).toBe('2026-07-01 05:00:00')
    expect(created.headers.get('date')).toBe('Tue, 17 Feb 2026 00:45:11 GMT')
  })

  it('drops an ISO date without an error', async () => {
    await start()
    const created = await as(sandbox).post(`${CHANGE}/normal`, { start_date: '2026-07-01T12:00:00Z' })
    expect(created.at('result', 'start_date', 'value')).toBe('')
    expect(created.at('result', '__meta', 'ignoredFields')).toEqual([])
  })

  it('shows notes and comments together in comments_and_work_notes', async () => {
    await start()
    const id = await newChange(sandbox, { work_notes: 'a note' })
    const patched = await as(sandbox).patch(`${CHANGE}/${id}`, {
      comments: 'a comment',
      comments_and_work_notes: 'lost'
    })
    const shown = patched.at('result', 'comments_and_work_notes', 'display_value')
    expect(shown).toMatch(/ \(Additional comments\)\na comment\n\n.* \(Work notes\)\na note\n\n$/)
    expect(patched.at('result', '__meta', 'ignoredFields')).toEqual(['comments_and_work_notes'])
  })

  it('keeps as many characters of a note as the instance is configured for, without an error', async () => {
    await start({ journalMaxLength: 4000 })
    const id = await newChange(sandbox, { work_notes: `${'x'.repeat(4000)}lost` })
    expect(sandbox.journal(id).map(note => note.text)).toEqual(['x'.repeat(4000)])
    expect((await as(sandbox).patch(`${CHANGE}/${id}`, { comments: 'y'.repeat(9000) })).status).toBe(200)
    expect(sandbox.journal(id, 'comments')[0]?.text).toHaveLength(4000)
  })

  it('has journal entries in the display value, newest first, with header lines', async () => {
    let now = Date.UTC(2026, 0, 1, 12, 0, 0)
    await start({ now: () => now })
    const id = await newChange(sandbox, { work_notes: 'first' })
    now += 60_000
    const patched = await as(sandbox).patch(`${CHANGE}/${id}`, { work_notes: 'second' })
    expect(patched.at('result', 'work_notes')).toEqual({
      value: '',
      display_value:
        '2026-01-01 04:01:00 - GitHub Actions (Work notes)\nsecond\n\n2026-01-01 04:00:00 - GitHub Actions (Work notes)\nfirst\n\n'
    })
  })

  it('has two notes after the same write twice', async () => {
    await start()
    const id = await newChange(sandbox)
    for (let times = 0; times < 2; times += 1)
      await as(sandbox).patch(`${CHANGE}/${id}`, { work_notes: 'same' })
    expect(sandbox.journal(id).map(note => note.text)).toEqual(['same', 'same'])
    expect(sandbox.journal(id)[0]?.by).toBe('gha.deployer')
  })

  it('has no __meta when it is read', async () => {
    await start()
    const read = await as(sandbox).get(`${CHANGE}/${await newChange(sandbox)}`)
    expect(read.status).toBe(200)
    expect(read.at('result', '__meta')).toBeUndefined()
  })

  it('is available under the path without a version', async () => {
    await start()
    const id = await newChange(sandbox)
    expect((await as(sandbox).get(`/api/sn_chg_rest/change/normal/${id}`)).status).toBe(200)
  })

  it('is not found by an unknown sys_id, or under another type', async () => {
    await start()
    const id = await newChange(sandbox)
    for (const path of [`${CHANGE}/${'0'.repeat(32)}`, `${CHANGE}/emergency/${id}`]) {
      const read = await as(sandbox).get(path)
      expect(read.status).toBe(404)
      expect(read.at('error', 'message')).toBe('Change Request not found')
      expect(read.at('status')).toBe('failure')
    }
  })
})

describe('field values', () => {
  it('finds references by name or sys_id, and stores other text as it is', async () => {
    await start()
    const byName = await newChange(sandbox, { assignment_group: 'devops team' })
    const byId = await newChange(sandbox, { assignment_group: devOps })
    const unknown = await as(sandbox).post(`${CHANGE}/normal`, { assignment_group: 'No such team' })
    expect(sandbox.change(byName)?.assignment_group).toBe(devOps)
    expect(sandbox.change(byId)?.assignment_group).toBe(devOps)
    expect(unknown.at('result', 'assignment_group')).toEqual({ display_value: '', value: 'No such team' })
    expect(unknown.at('result', '__meta', 'ignoredFields')).toEqual([])
  })

  it.each([
    ['3', '3'],
    ['Moderate', '3'],
    ['moderate', '3'],
    ['catastrophic', 'catastrophic']
  ])('matches the choice %s to %s', async (given, stored) => {
    await start()
    expect(sandbox.change(await newChange(sandbox, { risk: given }))?.risk).toBe(stored)
  })

  it('converts every JSON value to text', async () => {
    await start()
    const id = await newChange(sandbox, {
      justification: null,
      test_plan: ['a', 'b'],
      backout_plan: {},
      priority: 2
    })
    expect(sandbox.change(id)).toMatchObject({
      justification: 'null',
      test_plan: 'a,b',
      backout_plan: '[object Object]',
      priority: '2'
    })
  })

  it('cuts long text without an error', async () => {
    await start()
    const id = await newChange(sandbox, {
      short_description: 'x'.repeat(200),
      correlation_id: 'c'.repeat(120),
      description: 'd'.repeat(5000)
    })
    const change = sandbox.change(id)
    expect([
      change?.short_description?.length,
      change?.correlation_id?.length,
      change?.description?.length
    ]).toEqual([160, 100, 4000])
  })

  it('lists unknown and read-only fields as ignored, and sets the others', async () => {
    await start()
    const created = await as(sandbox).post(`${CHANGE}/normal?justification=from+query&description=query`, {
      description: 'body',
      planned_start_date: '2026-01-01 00:00:00',
      sys_created_by: 'me',
      approval: 'approved'
    })
    expect(created.at('result', '__meta', 'ignoredFields')).toEqual([
      'planned_start_date',
      'sys_created_by',
      'approval'
    ])
    expect(created.at('result', 'justification', 'value')).toBe('from query')
    expect(created.at('result', 'description', 'value')).toBe('body')
    expect(created.at('result', 'approval', 'value')).toBe('not requested')
  })

  it('reads encrypted_fields as display values', async () => {
    await start()
    const id = await newChange(sandbox, { encrypted_fields: 'start_date', start_date: '2026-07-01 05:00:00' })
    expect(sandbox.change(id)?.start_date).toBe('2026-07-01 12:00:00')
  })

  it.each(['{"a":', '[]', '"text"'])('refuses the body %s', async body => {
    await start()
    const refused = await as(sandbox).post(`${CHANGE}/normal`, body)
    expect(refused.status).toBe(400)
    expect(refused.at('error', 'message')).toBe('Exception while reading request')
  })
})
