import { afterEach, describe, expect, it } from '@jest/globals'
import type { SandboxOptions } from '../options.ts'
import { type Sandbox, startSandbox } from '../sandbox.ts'
import { as, CHANGE, newChange } from '../testing/caller.ts'

let sandbox: Sandbox

async function start(options: SandboxOptions = {}): Promise<void> {
  sandbox = await startSandbox({ approvalDelayMs: 0, ...options })
}

afterEach(() => sandbox.stop())

describe('access to changes', () => {
  it('is refused without a role', async () => {
    await start()
    const refused = await as(sandbox, 'no.roles').get(CHANGE)
    expect(refused.status).toBe(403)
    expect(refused.at('error', 'message')).toBe('Failed API level ACL Validation')
  })

  it('to read lets a PATCH change nothing with status 200, and refuses a POST', async () => {
    await start()
    const id = await newChange(sandbox)
    const reader = as(sandbox, 'gha.reader')
    const patched = await reader.patch(`${CHANGE}/${id}`, { short_description: 'mine', nonsense: 1 })
    expect(patched.status).toBe(200)
    expect(patched.at('result', 'short_description', 'value')).toBe('Deploy')
    expect(patched.at('result', '__meta', 'ignoredFields')).toEqual([])
    expect((await reader.post(`${CHANGE}/normal`, {})).status).toBe(403)
  })

  it('to delete requires a manager', async () => {
    await start()
    const id = await newChange(sandbox)
    expect((await as(sandbox).send('DELETE', `${CHANGE}/${id}`)).status).toBe(403)
    const deleted = await as(sandbox, 'admin').send('DELETE', `${CHANGE}/${id}`)
    expect([deleted.status, deleted.at('result', 'sys_id', 'value')]).toEqual([200, id])
    expect(sandbox.change(id)).toBeUndefined()
  })
})

describe('access to records of a change', () => {
  it('is refused to a reader for writes to conflicts and tasks', async () => {
    await start()
    const id = await newChange(sandbox)
    const task = (await as(sandbox).post(`${CHANGE}/${id}/task`, { description: 'kept' })).at(
      'result',
      'sys_id',
      'value'
    )
    const { post, patch, send } = as(sandbox, 'gha.reader')
    expect((await post(`${CHANGE}/${id}/conflict`)).status).toBe(403)
    expect((await post(`${CHANGE}/${id}/task`)).status).toBe(403)
    expect((await send('DELETE', `${CHANGE}/${id}/task/${task}`)).status).toBe(403)
    const patched = await patch(`${CHANGE}/${id}/task/${task}`, { description: 'mine' })
    expect([patched.status, patched.at('result', 'description', 'value')]).toEqual([200, 'kept'])
  })

  it('lets an approver without other roles read the changes to approve', async () => {
    await start()
    const user = sandbox.insert('sys_user', {
      user_name: 'eve.external',
      user_password: 'eve',
      active: 'true'
    })
    sandbox.insert('sys_user_has_role', { user, role: 'approver_user' })
    const [toApprove, other] = [await newChange(sandbox), await newChange(sandbox)]
    sandbox.insert('sysapproval_approver', { approver: user, sysapproval: toApprove, state: 'requested' })
    const headers = { authorization: `Basic ${Buffer.from('eve.external:eve').toString('base64')}` }
    const status = async (id: string) => (await as(sandbox).get(`${CHANGE}/${id}`, headers)).status
    expect([await status(toApprove), await status(other)]).toEqual([200, 404])
  })
})

describe('unknown resources', () => {
  it.each(['schedules', 'nextstate', 'affected'])('have status 400: %s', async name => {
    await start()
    const missing = await as(sandbox).get(`${CHANGE}/${await newChange(sandbox)}/${name}`)
    expect(missing.status).toBe(400)
    expect(missing.at('error')).toEqual({
      message: 'Requested URI does not represent any resource',
      detail: null
    })
  })

  it('include the whole API without the plugin', async () => {
    await start({ changeManagementApi: false })
    expect((await as(sandbox).get(CHANGE)).status).toBe(400)
  })
})
