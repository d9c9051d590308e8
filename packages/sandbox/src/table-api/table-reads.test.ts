import { afterEach, describe, expect, it } from '@jest/globals'
import type { SandboxOptions } from '../options.ts'
import { type Sandbox, startSandbox } from '../sandbox.ts'
import { seedId } from '../seed/seed.ts'
import { as, newChange, TABLE } from '../testing/caller.ts'

let sandbox: Sandbox

async function start(options: SandboxOptions = {}): Promise<void> {
  sandbox = await startSandbox({ approvalDelayMs: 0, ...options })
}

afterEach(() => sandbox.stop())

const CHANGES = `${TABLE}/change_request`
const devOps = seedId('sys_user_group', 'devops-team')

describe('the format of a record', () => {
  async function readFormatted(parameters: string, fields: Record<string, unknown> = {}): Promise<unknown> {
    const id = await newChange(sandbox, fields)
    const read = await as(sandbox).get(
      `${CHANGES}/${id}?sysparm_fields=state,assignment_group,assigned_to&${parameters}`
    )
    return read.at('result')
  }

  it.each([
    ['', { state: '-5', assignment_group: { link: 'LINK', value: devOps }, assigned_to: '' }],
    ['sysparm_exclude_reference_link=true', { state: '-5', assignment_group: devOps, assigned_to: '' }],
    [
      'sysparm_display_value=true',
      { state: 'New', assignment_group: { display_value: 'DevOps Team', link: 'LINK' }, assigned_to: '' }
    ],
    [
      'sysparm_display_value=True&sysparm_exclude_reference_link=True',
      { state: 'New', assignment_group: 'DevOps Team', assigned_to: '' }
    ],
    [
      'sysparm_display_value=true&sysparm_exclude_reference_link=true',
      { state: 'New', assignment_group: 'DevOps Team', assigned_to: '' }
    ],
    [
      'sysparm_display_value=all',
      {
        state: { display_value: 'New', value: '-5' },
        assignment_group: { display_value: 'DevOps Team', value: devOps, link: 'LINK' },
        assigned_to: { display_value: '', value: '' }
      }
    ],
    [
      'sysparm_display_value=all&sysparm_exclude_reference_link=true',
      {
        state: { display_value: 'New', value: '-5' },
        assignment_group: { display_value: 'DevOps Team', value: devOps },
        assigned_to: { display_value: '', value: '' }
      }
    ]
  ])('with %s', async (parameters, expected) => {
    await start()
    const link = `${sandbox.url}/api/now/table/sys_user_group/${devOps}`
    expect(await readFormatted(parameters)).toEqual(
      JSON.parse(JSON.stringify(expected).replace('LINK', link))
    )
  })

  it('has only strings as values', async () => {
    await start()
    const read = await as(sandbox).get(`${CHANGES}/${await newChange(sandbox, { work_notes: 'note' })}`)
    expect(read.at('result')).toMatchObject({ state: '-5', active: 'true', priority: '4', work_notes: '' })
  })

  it('contains fields of referenced records, no unknown fields, and a password never', async () => {
    await start()
    const id = await newChange(sandbox)
    const read = await as(sandbox).get(
      `${CHANGES}/${id}?sysparm_fields=number,nonsense,assignment_group.name,assigned_to.name,opened_by.user_password`
    )
    expect(read.at('result')).toEqual({
      number: 'CHG0030001',
      'assignment_group.name': 'DevOps Team',
      'assigned_to.name': '',
      'opened_by.user_password': '********'
    })
    const narrow = await as(sandbox, 'gha.narrow').get(
      `${CHANGES}/${id}?sysparm_fields=number,assignment_group.name`
    )
    expect(narrow.at('result')).toEqual({ number: 'CHG0030001' })
  })
})

describe('lists', () => {
  it('have pages with totals and links', async () => {
    await start()
    for (let index = 0; index < 5; index += 1) await newChange(sandbox)
    const page = await as(sandbox).get(
      `${CHANGES}?sysparm_limit=2&sysparm_offset=2&sysparm_query=ORDERBYDESCnumber`
    )
    expect([page.at('result', 0, 'number'), page.at('result', 1, 'number')]).toEqual([
      'CHG0030003',
      'CHG0030002'
    ])
    expect(page.headers.get('x-total-count')).toBe('5')
    const link = page.headers.get('link') ?? ''
    const offsets = [...link.matchAll(/sysparm_offset=(\d+)[^>]*>;rel="(\w+)"/g)].map(match => [
      match[2],
      match[1]
    ])
    expect(offsets).toEqual([
      ['first', '0'],
      ['prev', '0'],
      ['next', '4'],
      ['last', '4']
    ])
    for (const yes of ['true', 'True']) {
      const bare = await as(sandbox).get(
        `${CHANGES}?sysparm_no_count=${yes}&sysparm_suppress_pagination_header=${yes}&sysparm_limit=1`
      )
      expect([bare.headers.get('x-total-count'), bare.headers.get('link')]).toEqual([null, null])
    }
  })

  it('apply the limit before the access rules', async () => {
    await start()
    const anna = as(sandbox, 'anna.approver')
    const own = await as(sandbox, 'gha.narrow').get(`${TABLE}/sys_user?sysparm_fields=user_name`)
    expect(own.at('result')).toEqual([{ user_name: 'gha.narrow' }])
    const first = await as(sandbox, 'gha.narrow').get(`${TABLE}/sys_user?sysparm_limit=1`)
    expect(first.at('result')).toEqual([])
    expect(Number(first.headers.get('x-total-count'))).toBeGreaterThan(1)
    expect(first.headers.get('link')).toContain('rel="next"')
    expect((await anna.get(`${TABLE}/sys_user?sysparm_limit=1`)).at('result', 'length')).toBe(1)
  })

  it.each([
    'sys_user_group',
    'cmdb_ci',
    'sys_choice',
    'std_change_record_producer',
    'sysapproval_approver',
    'chg_model'
  ])('of %s are empty or refused without read access', async table => {
    await start()
    sandbox.insert('sysapproval_approver', { state: 'requested' })
    const hidden = await as(sandbox, 'gha.narrow').get(`${TABLE}/${table}`)
    expect([hidden.status, hidden.at('result')]).toEqual([200, []])
    expect(Number(hidden.headers.get('x-total-count'))).toBeGreaterThan(0)
    await sandbox.stop()
    await start({ deniedLookups: 'forbidden' })
    const refused = await as(sandbox, 'gha.narrow').get(`${TABLE}/${table}`)
    expect([refused.status, refused.at('error', 'message')]).toEqual([
      403,
      'Insufficient rights to query records'
    ])
    expect((await as(sandbox).get(`${TABLE}/${table}`)).status).toBe(200)
  })

  it('of attachments require read access to their records', async () => {
    await start()
    const id = await newChange(sandbox)
    sandbox.insert('sys_attachment', { table_name: 'change_request', table_sys_id: id, file_name: 'a.txt' })
    const list = `${TABLE}/sys_attachment?sysparm_fields=file_name`
    expect((await as(sandbox, 'gha.reader').get(list)).at('result')).toEqual([{ file_name: 'a.txt' }])
    expect((await as(sandbox, 'no.roles').get(list)).at('result')).toEqual([])
  })

  it('that are empty have status 404 in v1 only', async () => {
    await start()
    const query = 'change_request?sysparm_query=number=CHG9'
    const v1 = await as(sandbox).get(`/api/now/v1/table/${query}`)
    expect([v1.status, v1.at('error', 'message')]).toEqual([404, 'No Record found'])
    for (const version of ['v2/', '']) {
      const empty = await as(sandbox).get(`/api/now/${version}table/${query}`)
      expect([empty.status, empty.at('result')]).toEqual([200, []])
    }
  })

  it('accept filters as parameters; references are compared by sys_id', async () => {
    await start()
    await newChange(sandbox, { correlation_id: 'one' })
    const countBy = async (filter: string) =>
      (await as(sandbox).get(`${CHANGES}?${filter}`)).at('result', 'length')
    expect(await countBy('correlation_id=ONE')).toBe(1)
    expect(await countBy('correlation_id=two')).toBe(0)
    expect(await countBy('assignment_group=DevOps%20Team')).toBe(0)
    expect(await countBy('assignment_group.name=DevOps%20Team')).toBe(1)
  })

  it('with sysparm_view have the fields of every view', async () => {
    await start()
    const list = await as(sandbox).get(`${TABLE}/sys_user_group?sysparm_view=mobile&sysparm_limit=1`)
    expect(list.at('result', 0)).toMatchObject({
      name: expect.any(String),
      sys_mod_count: expect.any(String)
    })
  })

  it('have no body for HEAD', async () => {
    await start()
    const head = await as(sandbox).send('HEAD', `${TABLE}/sys_user_group`)
    expect([head.status, head.text, head.headers.get('x-total-count')]).toEqual([200, '', '7'])
  })

  it('contain both records of an ambiguous name', async () => {
    await start()
    const found = await as(sandbox).get(`${TABLE}/sys_user_group?sysparm_query=name=operations`)
    expect(found.at('result', 'length')).toBe(2)
  })
})
