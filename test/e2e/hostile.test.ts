/**
 * Text from commit messages, people and servers, made to act: as a workflow command, a link, a terminal escape or
 * a query. The harness searches all that every step writes for what must not come of it; here the text is
 * sent along every way there is, and must still arrive.
 */

import { seedId } from '@change-actions/sandbox'
import { expect } from '@jest/globals'
import { byHand, DEPLOYMENT, onBothApis, SOON, scenario, scenarios, submit, writes } from './harness.ts'

/** No longer than a short description may be. */
const LINE =
  'x ::error::owned ##[error]y ](http://evil.example) [a](http://evil.example) <img src=x> ' +
  '![i](//evil.example) www.evil.example | `c` @octocat #1 \u202eb %0A::error::z'

const TEXT = [
  LINE,
  '::error::owned',
  '  ::set-output name=approved::true',
  '##[command]owned',
  '::stop-commands::x',
  'approved<<EOF',
  'true',
  'EOF',
  '\u001b[31mred\u001b[0m \u009b2J\u0007',
  '<script>alert(1)</script>'
].join('\n')

const QUERY = 'DevOps Team^ORnumberISNOTEMPTY'

onBothApis(api => {
  scenario('in everything a user can say', { api }, async world => {
    const { sandbox, newJob } = world
    const job = newJob({
      GITHUB_ACTOR: '::error::owned',
      GITHUB_REF: `refs/heads/${LINE}`,
      GITHUB_REF_NAME: LINE,
      GITHUB_WORKFLOW: LINE
    })
    const step = await job.pass('create-change', {
      ...DEPLOYMENT,
      'short-description': LINE,
      justification: TEXT,
      'work-notes': TEXT,
      fields: JSON.stringify({ reason: LINE, u_evil: TEXT })
    })
    const number = step.outputs['change-number'] ?? ''
    expect(sandbox.change(number)).toMatchObject({ short_description: LINE, justification: TEXT })
    expect(sandbox.journal(number)[0]?.text).toContain('::set-output name=approved::true')
    expect(step.warnings).toEqual([expect.stringContaining('u_evil')])
    const dry = await newJob().pass('create-change', {
      ...DEPLOYMENT,
      description: TEXT,
      'dry-run': 'true'
    })
    expect(dry.outputs.created).toBe('false')
    await job.pass('update-change', { 'work-notes': `${TEXT} again`, comments: TEXT })
    const closed = { state: 'canceled', 'work-notes': TEXT }
    await job.pass('update-change', closed)
    expect(sandbox.change(number)?.state).toBe('4')
  })

  scenario('in a rejection', { api }, async world => {
    const { sandbox, job } = world
    const number = await submit(world)
    sandbox.reject(number, TEXT)
    for (const tolerate of ['true', 'false']) {
      const step = await job.run('wait-approval', { ...SOON, 'fail-when-not-approved': tolerate })
      expect(step.outputs).toMatchObject({ approved: 'false', outcome: 'rejected' })
      const rows = JSON.parse(step.outputs.approvals ?? '') as { comments: string }[]
      expect(rows.some(one => one.comments.includes('::set-output name=approved::true'))).toBe(true)
    }
  })

  scenario('in the names of approvers and groups', { api }, async world => {
    const { sandbox, job } = world
    sandbox.set('sys_user', seedId('sys_user', 'anna.approver'), { name: TEXT })
    const number = await submit(world)
    const waiting = job.start('wait-approval', SOON)
    await waiting.prints(/Yet to approve: .*owned/)
    sandbox.approve(number)
    const step = await waiting.done
    expect(step.outputs.outcome).toBe('approved')
    expect(step.outputs['approved-by']).not.toMatch(/\n|::/)
    expect(step.outputs['approved-by']).toContain('owned')
  })

  scenario('in a hold', { api }, async world => {
    const { sandbox, job } = world
    const number = await submit(world)
    sandbox.approve(number)
    await byHand(sandbox, number, { on_hold: 'true', on_hold_reason: TEXT })
    const step = await job.fail('wait-approval', { timeout: '0' })
    expect(step.error.message).toContain('on hold')
    const hold = { 'on-hold': 'true', 'on-hold-reason': `${LINE} still` }
    await job.pass('update-change', hold)
    expect(sandbox.change(number)?.on_hold_reason).toBe(`${LINE} still`)
    const moved = await job.fail('update-change', { state: 'implement' })
    expect(moved.error.title).toBe(`ServiceNow ${api === 'table' ? 403 : 400}: a business rule refused`)
  })

  scenario('in what the instance calls a change and its states', { api }, async ({ sandbox, job, plant }) => {
    const choice = { name: 'change_request', element: 'state', value: '7', label: LINE, language: 'en' }
    sandbox.insert('sys_choice', { ...choice, inactive: 'false' })
    const { sysId } = plant({ state: '7', short_description: TEXT })
    sandbox.set('change_request', sysId, { number: LINE.slice(0, 40) })
    const named = { 'change-sys-id': sysId }
    const waited = await job.fail('wait-approval', { ...named, ...SOON })
    expect(waited.outputs.outcome).toBe('unexpected-state')
    const moved = await job.fail('update-change', { ...named, state: 'implement' })
    expect(moved.error.message).toContain("a state of this instance's own")
    await job.pass('update-change', { ...named, 'work-notes': 'x' })
  })

  const ERRORS = {
    'an error message': { kind: 'error', status: 403, message: TEXT, detail: LINE },
    'a business rule': { kind: 'business-rule', rule: LINE },
    'a redirect': { kind: 'redirect', location: 'http://evil.example/::error::owned/%0A##[error]x?a=[b](c)' }
  } as const
  scenarios('in %s', { api }, ERRORS, async ({ sandbox, job, plant }, fault) => {
    const { number } = plant({ state: '-1', approval: 'approved' })
    sandbox.fault({ ...fault, method: 'PATCH', times: Number.POSITIVE_INFINITY })
    const step = await job.fail('update-change', { 'change-number': number, 'work-notes': 'x' })
    expect(step.error.message).toMatch(/owned/)
  })

  const NAMES = {
    'assignment-group': QUERY,
    'cmdb-ci': 'prod-k8s-cluster^NQactive=true',
    'assigned-to': 'javascript:gs.getUserID()',
    'standard-change-template': 'app-deployment-template^ORsys_idISNOTEMPTY',
    risk: 'low^ORvalueISNOTEMPTY'
  }
  const cases = Object.fromEntries(Object.entries(NAMES).map(one => [one[0], one]))
  scenarios('a name is never a query: %s', { api }, cases, async ({ sandbox, job }, [input, value]) => {
    const step = await job.fail('create-change', { ...DEPLOYMENT, [input]: value })
    expect(step.error.title).not.toContain('Unexpected')
    expect(step.error.message).toContain(value)
    expect(writes(sandbox)).toEqual([])
    for (const { query } of sandbox.requests) expect(decodeURIComponent(query)).not.toContain(value)
  })

  scenario('in the names of groups that are listed', { api }, async ({ sandbox, job }) => {
    for (const name of [LINE, `DevOps Team ${LINE}`])
      sandbox.insert('sys_user_group', { name, active: 'true' })
    const step = await job.fail('create-change', { ...DEPLOYMENT, 'assignment-group': 'DevOps Taem' })
    expect(step.error.message).toContain('owned')
  })

  scenario('in the names of files', { api }, async ({ sandbox, job, plant }) => {
    const { number } = plant({ state: '-1', approval: 'approved' })
    const name = 'x ::error::owned ##[error] [a](http:evil) <img> \u001b[31m.txt'
    job.file(name, 'x\n')
    job.file('two\n::error::lines.txt', 'y\n')
    const step = await job.pass('attach-evidence', { 'change-number': number, files: '*.txt' })
    expect(step.outputs['attached-count']).toBe('2')
    expect(
      sandbox
        .attachments(number)
        .map(one => one.bytes.toString())
        .sort()
    ).toEqual(['x\n', 'y\n'])
    const missing = await job.fail('attach-evidence', {
      'change-number': number,
      files: 'nothing ##[error]::error::x'
    })
    expect(missing.error.title).toBe('Input error')
  })
})
