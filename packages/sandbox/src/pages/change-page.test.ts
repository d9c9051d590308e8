import { afterEach, describe, expect, it } from '@jest/globals'
import type { SandboxOptions } from '../options.ts'
import { type Sandbox, startSandbox } from '../sandbox.ts'
import { seedId } from '../seed/seed.ts'
import {
  approvedChange,
  approverStates,
  as,
  CHANGE,
  newChange,
  pendingChange,
  request,
  stateAndApproval,
  TABLE,
  uploadFile
} from '../testing/caller.ts'
import { visitorOf } from '../testing/visitor.ts'

let sandbox: Sandbox

afterEach(() => sandbox.stop())

async function start(options: SandboxOptions = {}): Promise<void> {
  sandbox = await startSandbox({ approvalDelayMs: 0, ...options })
}

const pathOf = (id: string) => `/change_request.do?sys_id=${id}`

/** Presses a button of a change's page. Returns the status and what the page says. */
async function press(userName: string, id: string, fields: Record<string, string>) {
  const person = await visitorOf(sandbox, userName)
  const { status, headers, text } = await person.post(pathOf(id), fields)
  const page = status === 303 ? (await person.get(headers.get('location') ?? '')).text : text
  const [, said] = /role="(?:alert|status)" tabindex="-1" autofocus>([^<]*)</.exec(page) ?? []
  return { status, said: said?.replaceAll('&#39;', "'") }
}

/** The names of the buttons that an account has on a change's page. */
async function buttonsOf(userName: string, id: string): Promise<string[]> {
  const { text } = await (await visitorOf(sandbox, userName)).get(pathOf(id))
  return [...text.matchAll(/<button[^>]*>([^<]*)</g)].map(match => match[1] ?? '')
}

describe('the page of a change', () => {
  it('shows everything that is set, the states as text too, and the activity', async () => {
    await start({ tasksOnImplement: true })
    const id = await approvedChange(sandbox, {
      justification: 'New prices',
      implementation_plan: 'Roll out.\nWatch.',
      cab_recommendation: 'Do it at night.',
      work_notes: 'Bound to a commit.'
    })
    await as(sandbox).patch(`${CHANGE}/${id}`, { state: '-1' })
    const { text } = await request(sandbox.url + pathOf(id))
    for (const shown of [
      '<dt>Justification</dt><dd class="text">New prices</dd>',
      'Roll out.\nWatch.',
      '<dt>CAB recommendation</dt>',
      'Current state: Implement. States in order: New, Assess, Authorize, Scheduled, Implement, Review, Closed.',
      'Anna Approver approved the change.',
      'Bound to a commit.',
      'CTASK0010001',
      'Post implementation testing'
    ])
      expect(text).toContain(shown)
  })

  it('links to the parent, and pictures the states of each type', async () => {
    await start()
    const parent = await newChange(sandbox)
    const created = await as(sandbox).post(
      `${CHANGE}/standard/${seedId('std_change_record_producer', 'app-deployment-template')}`
    )
    const id = String(created.at('result', 'sys_id', 'value'))
    sandbox.set('change_request', id, { parent })
    const { text } = await request(sandbox.url + pathOf(id))
    expect(text).toContain('States in order: New, Scheduled, Implement, Review, Closed.')
    expect(text).toContain(`<a href="${pathOf(parent)}">CHG0030001</a>`)
  })

  it('previews text files alone', async () => {
    await start()
    const id = await newChange(sandbox)
    await uploadFile(sandbox, id, '<b>caf\u00e9</b>\n', { name: 'notes.txt', type: 'text/plain' })
    await uploadFile(sandbox, id, Buffer.from([0, 1, 2, 255]), {
      name: 'image.png',
      type: 'application/octet-stream'
    })
    await uploadFile(sandbox, id, `${'\u00e9'.repeat(9000)}!`, { name: 'long.txt', type: 'text/plain' })
    const { text } = await request(sandbox.url + pathOf(id))
    expect(text).toContain('<summary>Preview notes.txt</summary><pre>&lt;b&gt;caf\u00e9&lt;/b&gt;\n</pre>')
    expect(text).not.toContain('Preview image.png')
    expect(text).toMatch(
      /Preview long\.txt<\/summary><p class="soft">The first 16 KiB\.<\/p><pre>\u00e9{8192}<\/pre>/
    )
  })

  it('shows an account no change that it may not read', async () => {
    await start()
    const id = await newChange(sandbox)
    const nora = await visitorOf(sandbox, 'no.roles')
    expect((await nora.get(pathOf(id))).status).toBe(404)
    expect((await nora.get('/')).text).toContain('No change requests yet.')
    expect((await nora.post(pathOf(id), { action: 'comment', comment: 'x' })).status).toBe(404)
  })

  it('is rendered with the fields that an account may read, in its time zone', async () => {
    await start({ unreadableFields: ['justification'] })
    const id = await newChange(sandbox, { justification: 'New prices', start_date: '2026-12-01 22:00:00' })
    const { text } = await (await visitorOf(sandbox, 'anna.approver')).get(pathOf(id))
    expect(text).not.toContain('New prices')
    expect(text).toContain('2026-12-01 23:00:00')
  })
})

describe('the buttons of a change', () => {
  it('are those that the rights of the account and the state of the change allow', async () => {
    await start()
    const id = await pendingChange(sandbox)
    expect(await buttonsOf('anna.approver', id)).toEqual([
      'Log out',
      'Approve',
      'Reject',
      'Comment',
      'Add work note',
      'Move to New',
      'Assign',
      'Plan',
      'Put on hold',
      'Cancel change'
    ])
    expect(await buttonsOf('dora.devops', id)).not.toContain('Approve')
    expect(await buttonsOf('gha.reader', id)).toEqual(['Log out'])
    expect(await buttonsOf('admin', id)).toContain('Approve')
    sandbox.set('change_request', id, { state: '3' })
    expect(await buttonsOf('dora.devops', id)).toEqual(['Log out'])
    const dropped = await press('dora.devops', id, { action: 'note', work_note: 'Too late' })
    expect(dropped).toEqual({ status: 403, said: 'A closed change takes no notes.' })
    sandbox.set('change_request', id, { state: '4' })
    expect(await buttonsOf('dora.devops', id)).toEqual(['Log out', 'Comment', 'Add work note'])
  })

  it('approve as the approver, with the comment', async () => {
    await start()
    const id = await pendingChange(sandbox)
    expect(await press('anna.approver', id, { action: 'approve', comment: 'Go ahead.' })).toEqual({
      status: 303,
      said: 'You approved this change.'
    })
    expect(stateAndApproval(sandbox, id)).toEqual(['-2', 'approved'])
    expect(approverStates(sandbox, id)).toEqual([
      ['anna.approver', 'approved'],
      ['ben.approver', 'not_required']
    ])
    expect(sandbox.approvers(id)[0]?.comments).toBe('Go ahead.')
  })

  it('approve as an administrator, with the trace that the instance leaves', async () => {
    await start()
    const id = await pendingChange(sandbox)
    expect((await press('admin', id, { action: 'approve' })).status).toBe(303)
    const history = sandbox.rows('sys_journal_field').map(row => row.value)
    expect(history).toContain('System Administrator approved, permission granted by role.')
  })

  it('reject with a comment only, and keep what was entered', async () => {
    await start()
    const id = await pendingChange(sandbox)
    const refused = await press('ben.approver', id, { action: 'reject', comment: ' ' })
    expect(refused).toEqual({
      status: 422,
      said: expect.stringMatching(/^A rejection needs a comment\. Fix: /)
    })
    expect(stateAndApproval(sandbox, id)).toEqual(['-3', 'requested'])
    await press('ben.approver', id, { action: 'reject', comment: 'Not today.' })
    expect(stateAndApproval(sandbox, id)).toEqual(['-5', 'rejected'])
    expect(sandbox.approvers(id)[1]?.comments).toBe('Not today.')
  })

  it.each([
    ['dora.devops', { action: 'approve' }, 'No approval of this change is requested from you.'],
    ['gha.reader', { action: 'comment', comment: 'x' }, 'Your account may not write change requests.'],
    ['gha.reader', { action: 'cancel' }, 'Your account may not write change requests.'],
    ['gha.reader', { action: 'assign' }, 'Your account may not write change requests.'],
    ['dora.devops', { action: 'move', to: '-2' }, expect.stringContaining('Check State Transition')],
    [
      'dora.devops',
      { action: 'hold' },
      'Data Policy Exception: The following fields are mandatory: On hold reason'
    ]
  ])('refuse %s what the rights and rules do not allow: %p', async (userName, fields, said) => {
    await start()
    const id = await pendingChange(sandbox)
    const before = sandbox.change(id)
    expect(await press(userName, id, fields)).toEqual({ status: 403, said })
    expect(sandbox.change(id)).toEqual(before)
  })

  it('refuse an action that there is not', async () => {
    await start()
    const id = await newChange(sandbox)
    expect((await press('admin', id, { action: 'explode' })).status).toBe(400)
    expect((await press('admin', id, { action: 'toString' })).status).toBe(400)
  })

  it('hold, release and cancel', async () => {
    await start()
    const id = await pendingChange(sandbox)
    await press('dora.devops', id, { action: 'hold', on_hold_reason: 'Frozen' })
    expect(sandbox.change(id)).toMatchObject({ on_hold: 'true', on_hold_reason: 'Frozen' })
    expect(await buttonsOf('dora.devops', id)).toContain('Release hold')
    await press('dora.devops', id, { action: 'release' })
    expect(sandbox.change(id)).toMatchObject({ on_hold: 'false', on_hold_reason: '' })
    await press('dora.devops', id, { action: 'cancel', cancel_reason: 'Superseded' })
    expect(sandbox.change(id)).toMatchObject({ state: '4', active: 'false' })
    expect(sandbox.journal(id).map(note => [note.by, note.text])).toEqual([['dora.devops', 'Superseded']])
  })

  it('assign, and plan in the time zone of the person', async () => {
    await start()
    const id = await newChange(sandbox)
    const group = seedId('sys_user_group', 'platform-team')
    const user = seedId('sys_user', 'paul.platform')
    await press('paul.platform', id, { action: 'assign', assignment_group: group, assigned_to: user })
    expect(sandbox.change(id)).toMatchObject({ assignment_group: group, assigned_to: user })
    const dates = { start_date: '2026-12-01T22:00', end_date: '2026-12-02T01:00:30' }
    await press('anna.approver', id, { action: 'plan', ...dates })
    expect(sandbox.change(id)).toMatchObject({
      start_date: '2026-12-01 21:00:00',
      end_date: '2026-12-02 00:00:30'
    })
    const reversed = { start_date: dates.end_date, end_date: dates.start_date }
    expect((await press('anna.approver', id, { action: 'plan', ...reversed })).status).toBe(422)
    expect((await press('anna.approver', id, { action: 'plan', start_date: 'soon' })).said).toBe(
      'Planned start date is not a date and time: soon'
    )
  })

  it('move through the states to the end', async () => {
    await start()
    const id = await approvedChange(sandbox)
    await press('dora.devops', id, { action: 'move', to: '-1' })
    await press('dora.devops', id, { action: 'move', to: '0' })
    const open = await press('dora.devops', id, { action: 'move', to: '3' })
    expect(open.said).toContain('mandatory: Close code, Close notes')
    await press('dora.devops', id, { action: 'move', to: '3', close_code: 'successful', close_notes: 'Done' })
    expect(sandbox.change(id)).toMatchObject({ state: '3', close_code: 'successful', close_notes: 'Done' })
  })

  it('say which condition of a move is not met', async () => {
    await start()
    const created = await as(sandbox).post(`${TABLE}/change_request`, { short_description: 'x' })
    const id = String(created.at('result', 'sys_id'))
    const { text } = await (await visitorOf(sandbox, 'dora.devops')).get(pathOf(id))
    expect(text).toContain(
      'Cannot move to Assess: the condition &quot;Assignment group is not empty&quot; is not met.'
    )
  })
})

describe('the list of changes', () => {
  it('is filtered by choice and by text, in any case', async () => {
    await start()
    const shop = await newChange(sandbox, { short_description: 'Deploy the SHOP' })
    const other = await pendingChange(sandbox)
    const listed = async (query: string) => {
      const { text } = await request(`${sandbox.url}/?${query}`)
      return [shop, other].map(id => text.includes(`sys_id=${id}`))
    }
    expect(await listed('')).toEqual([true, true])
    expect(await listed('search=shop')).toEqual([true, false])
    expect(await listed('search=chg0030002')).toEqual([false, true])
    expect(await listed('state=-3')).toEqual([false, true])
    expect(await listed('approval=not+requested&type=normal')).toEqual([true, false])
    expect(await listed(`assignment_group=${seedId('sys_user_group', 'mainframe-team')}`)).toEqual([
      false,
      false
    ])
    expect((await request(`${sandbox.url}/?state=9`)).text).toContain('No change requests match the filter.')
  })

  it('comes in pages of fifty', async () => {
    await start()
    for (let count = 0; count < 51; count += 1) sandbox.insert('change_request', { short_description: 'x' })
    const { text } = await request(`${sandbox.url}/?search=x`)
    expect(text).toContain('51 change requests, from 1 to 50')
    expect(text).toContain('href="/?search=x&amp;first=50">Older changes')
    const second = await request(`${sandbox.url}/?search=x&first=50`)
    expect(second.text).toContain('>CHG0030001</a>')
    expect(second.text).toContain('Newer changes')
  })
})
