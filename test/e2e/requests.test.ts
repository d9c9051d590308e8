/** What a step sends: how many requests, on how many connections, and that none is sent for nothing. */
import { expect } from '@jest/globals'
import { approvalRequested, onBothApis, SOON, scenario, submit, type World } from './harness.ts'
import type { ActionName } from './manifest.ts'

const SIGN_IN = 'POST token'

/** Requests by what they are for, in the order of their arrival. */
function sentSince({ sandbox }: Pick<World, 'sandbox'>, from: number): string[] {
  return sandbox.requests.slice(from).map(({ method, path, status }) => {
    const what =
      /oauth_token|attachment|sysapproval_approver|sys_user_group|sys_user|cmdb_ci|sys_choice/.exec(path)
    const name = what?.[0] === 'oauth_token' ? 'token' : (what?.[0] ?? 'change')
    return `${method} ${name}${status < 400 ? '' : ` ${status}`}`
  })
}

/** A step that must succeed, and what it sent. */
async function sent(
  world: World,
  action: ActionName,
  inputs: Record<string, string> = {}
): Promise<string[]> {
  const from = world.sandbox.requests.length
  await world.job.pass(action, inputs)
  return sentSince(world, from)
}

function idOf({ sandbox }: World, table: string, name: string): string {
  return sandbox.rows(table).find(row => row.name === name)?.sys_id ?? ''
}

onBothApis(api => {
  scenario('a whole lifecycle, evidence with the change', { api }, async world => {
    const { sandbox, job } = world
    job.file('report.xml', '<a/>')
    job.file('scan.json', '{}')
    const inputs = {
      'short-description': 'Deploy the shop',
      'assignment-group': idOf(world, 'sys_user_group', 'DevOps Team'),
      attachments: '- report.xml\n- scan.json'
    }
    const poll = 'GET change'
    expect(await sent(world, 'create-change', inputs)).toEqual([
      SIGN_IN,
      poll,
      'POST change',
      'POST attachment',
      'POST attachment',
      // No other job has made one meanwhile.
      poll,
      // Approval is requested, with the note on the files.
      'PATCH change'
    ])
    await approve(world)
    expect(await sent(world, 'wait-approval', SOON)).toEqual([SIGN_IN, poll, 'GET sysapproval_approver'])
    expect(await sent(world, 'update-change', { state: 'implement' })).toEqual([
      SIGN_IN,
      poll,
      'PATCH change',
      // Which run has claimed it.
      poll
    ])
    expect(await sent(world, 'update-change', { state: 'by-job-status' })).toEqual([
      SIGN_IN,
      poll,
      // The close code is checked before anything is moved.
      'GET sys_choice',
      'PATCH change',
      'PATCH change',
      // Who approved, for the summary.
      'GET sysapproval_approver'
    ])
    expect(sandbox.requests.filter(({ path }) => !path.includes('oauth_token'))).toHaveLength(16)
  })

  scenario('evidence in a step of its own', { api }, async world => {
    const { sandbox, job } = world
    job.file('report.xml', '<a/>')
    job.file('scan.json', '{}')
    await submit(world)
    const step = await sent(world, 'attach-evidence', { files: 'report.xml\nscan.json' })
    expect(step.slice().sort()).toEqual(
      [SIGN_IN, 'GET change', 'GET attachment', 'POST attachment', 'POST attachment', 'PATCH change'].sort()
    )
    expect(sandbox.requests.every(one => one.status < 400)).toBe(true)
  })

  scenario('each name costs one request, however often it is given', { api }, async world => {
    const person =
      world.sandbox.rows('sys_user').find(row => row.user_name === 'anna.approver')?.user_name ?? ''
    const step = await sent(world, 'create-change', {
      'short-description': 'Deploy the shop',
      'assignment-group': 'DevOps Team',
      'assigned-to': person,
      'requested-by': person
    })
    expect(step.filter(one => one === SIGN_IN)).toHaveLength(1)
    expect(step.filter(one => one === 'GET sys_user_group')).toHaveLength(1)
    expect(step.filter(one => one === 'GET sys_user')).toHaveLength(1)
    expect(step).toHaveLength(7)
  })

  scenario(
    'files go out four at once, are listed in order, and none is lost or doubled in an outage',
    { api, sandbox: { latencyMs: 20, semaphore: { threads: 1, queue: 3 } } },
    async ({ sandbox, job, plant }) => {
      const { number, sysId } = plant({ state: '-1', approval: 'approved' })
      const names = Array.from({ length: 12 }, (_, n) => `report-${String(n + 10)}.txt`)
      for (const name of names) job.file(name, `the text of ${name}`)
      const upload = { method: 'POST', path: '/api/now/attachment/file' }
      sandbox.fault({ ...upload, kind: 'unavailable', committed: true, nth: 3, times: 2 })
      sandbox.fault({ ...upload, kind: 'reset', nth: 7 })
      const step = await job.pass('attach-evidence', { files: '*.txt', 'change-sys-id': sysId })
      // The instance takes four requests; a fifth would be refused.
      expect(sandbox.requests.filter(one => one.status === 429)).toEqual([])
      const listed: Record<string, string>[] = JSON.parse(step.outputs.attachments ?? '')
      expect(listed.map(one => one.name)).toEqual(names)
      const stored = sandbox.attachments(number)
      expect(stored.map(one => one.name).sort()).toEqual(names)
      for (const one of listed)
        expect(stored.find(file => file.sysId === one['sys-id'])).toMatchObject({
          name: one.name,
          hash: one.sha256
        })
      expect(sandbox.journal(number)).toHaveLength(1)
      expect(sandbox.journal(number)[0]?.text.match(/report-\d+/g)).toEqual(
        names.map(name => name.slice(0, 9))
      )
    }
  )

  scenario('lookups go out side by side', { api }, async ({ sandbox, job }) => {
    sandbox.fault({ kind: 'latency', path: 'sys_user_group', ms: 2_000 })
    const step = job.start('create-change', {
      'short-description': 'Deploy the shop',
      'assignment-group': 'DevOps Team',
      'assigned-to': 'anna.approver'
    })
    const lookups = await sandbox.waitFor(() => {
      const gets = sandbox.requests.filter(one => one.method === 'GET')
      return gets.length >= 3 && gets
    })
    // The person and the open changes are requested while the response about the group is still to come.
    expect(lookups.find(one => one.path.includes('sys_user_group'))?.status).toBe(0)
    expect((await step.done).code).toBe(0)
  })
})

async function approve({ sandbox }: Pick<World, 'sandbox'>): Promise<void> {
  const number = sandbox.rows('change_request').at(-1)?.number ?? ''
  await approvalRequested(sandbox, number)
  sandbox.approve(number)
}

onBothApis(api => {
  scenario('the polls of a wait read few fields, through the Table API', { api }, async world => {
    const { sandbox, job } = world
    const number = await submit(world, { 'work-notes': 'A long story.' })
    await approvalRequested(sandbox, number)
    const from = sandbox.requests.length
    const sysId = job.steps[0]?.outputs['change-sys-id'] ?? ''
    const step = job.start('wait-approval', { ...SOON, 'change-sys-id': sysId })
    const reads = () => sandbox.requests.slice(from).filter(one => one.path.endsWith(`/${sysId}`))
    await sandbox.waitFor(() => reads().length >= 3)
    sandbox.approve(number)
    expect(await step.done).toMatchObject({
      code: 0,
      outputs: { approved: 'true', 'change-state': 'scheduled' }
    })
    const [first, ...polls] = reads().map(({ path, query }) => ({
      table: path.includes('/table/'),
      fields: new URLSearchParams(query).get('sysparm_fields')?.split(',')
    }))
    // Decided on the whole record, as the first one.
    expect(polls.at(-1)).toEqual(first)
    expect(first?.fields).toBeUndefined()
    for (const { table, fields = [] } of polls.slice(0, -1)) {
      expect(table).toBe(true)
      expect(fields).toEqual(expect.arrayContaining(['state', 'approval', 'end_date', 'correlation_display']))
      expect(fields).not.toContain('work_notes')
    }
  })
})
