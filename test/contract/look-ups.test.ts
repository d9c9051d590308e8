import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterEach, describe, expect, it } from '@jest/globals'
import { client, expectHarmless, lines, wire } from './kit.ts'
import { CHANGE, GROUP, linked, UNAVAILABLE } from './responses.ts'

const BOTH = 'sysparm_display_value=all&sysparm_exclude_reference_link=true'

afterEach(expectHarmless)

describe('look-ups use the Table API, whichever API the changes use', () => {
  it.each([
    [
      'group',
      'sys_user_group?sysparm_query=name=web^active=true^ORDERBYsys_id',
      'sys_id,active,install_status,sys_class_name,name,parent,manager,description,sys_created_on'
    ],
    [
      'user',
      'sys_user?sysparm_query=user_name=web^ORemail=web^ORname=web^active=true^ORDERBYsys_id',
      'sys_id,active,install_status,sys_class_name,name,user_name,email,department,sys_created_on'
    ],
    [
      'ci',
      'cmdb_ci?sysparm_query=name=web^install_status!=7^ORDERBYsys_id',
      'sys_id,active,install_status,sys_class_name,name,location,support_group,operational_status,serial_number,sys_created_on'
    ],
    [
      'model',
      'chg_model?sysparm_query=name=web^active=true^ORDERBYsys_id',
      'sys_id,active,install_status,sys_class_name,name,description,sys_created_on'
    ]
  ] as const)('%s', async (kind, request, columns) => {
    const row = linked({
      sys_id: GROUP,
      name: 'web',
      user_name: 'web',
      email: '',
      active: true,
      install_status: '1'
    })
    const sent = wire([200, { result: [row] }, { 'X-Total-Count': '1' }])
    expect(await client().reference(kind, 'web')).toEqual({ value: GROUP, display: 'web', verified: true })
    expect(lines(sent)).toEqual([
      `GET /api/now/table/${request}&${BOTH}&sysparm_limit=50&sysparm_fields=${columns}`
    ])
  })

  it('names similar to one that does not exist', async () => {
    const sent = wire(
      [200, { result: [] }],
      [200, { result: [linked({ sys_id: 'a', name: 'web app', active: true })] }]
    )
    await expect(client().reference('group', 'web-apq')).rejects.toMatchObject({
      code: 'lookup-none',
      facts: {
        operation: 'looking up the assignment group "web-apq"',
        kind: 'assignment group',
        name: 'web-apq',
        candidates: ['web app']
      }
    })
    expect(lines(sent)[1]).toMatch(
      /^GET \/api\/now\/table\/sys_user_group\?sysparm_query=nameLIKEweb\^active=true&/
    )
  })

  it('a choice', async () => {
    const row = (value: string, label: string) =>
      linked({
        sys_id: value,
        name: 'change_request',
        element: 'risk',
        value,
        label,
        inactive: false,
        language: 'en'
      })
    const sent = wire([200, { result: [row('2', 'High'), row('4', 'Low')] }])
    expect(await client().choice('risk', 'low')).toEqual({ value: '4', verified: true })
    expect(lines(sent)).toEqual([
      `GET /api/now/table/sys_choice?sysparm_query=nameINchange_request,task^element=risk^inactive=false^ORDERBYsys_id&${BOTH}&sysparm_limit=1000&sysparm_fields=sys_id,name,element,value,label,inactive,language`
    ])
  })

  it('how much text fields keep: those of the change before those of all tasks, journals left out', async () => {
    const row = (name: string, element: string, internal_type: string, max_length: string) =>
      linked({ sys_id: `${name} ${element}`, name, element, internal_type, max_length })
    const sent = wire([
      200,
      {
        result: [
          row('change_request', 'location', 'string', '100'),
          row('task', 'location', 'string', '40'),
          row('task', 'comments', 'journal_input', '4000')
        ]
      }
    ])
    expect(await client().maxLengths(['location', 'comments'])).toEqual(new Map([['location', 100]]))
    expect(lines(sent)).toEqual([
      `GET /api/now/table/sys_dictionary?sysparm_query=nameINchange_request,task^elementINlocation,comments^ORDERBYsys_id&${BOTH}&sysparm_limit=200&sysparm_fields=sys_id,name,element,internal_type,max_length`
    ])
  })

  it('how much text fields keep, unless the dictionary is hidden or refused', async () => {
    wire([200, { result: [] }], [403, { error: { message: 'Operation Failed', detail: 'ACL' } }])
    expect(await client().maxLengths(['location'])).toBeUndefined()
    expect(await client().maxLengths(['location'])).toBeUndefined()
  })

  it('whether a record exists', async () => {
    const sent = wire([200, { result: [linked({ sys_id: GROUP })] }])
    expect(await client().exists('assignment_group', GROUP)).toBe(true)
    expect(lines(sent)).toEqual([
      `GET /api/now/table/sys_user_group?sysparm_query=sys_id=${GROUP}&${BOTH}&sysparm_limit=1&sysparm_fields=sys_id`
    ])
  })

  it('whether a list may be read', async () => {
    const sent = wire([200, { result: [] }, { 'X-Total-Count': '3' }])
    expect(await client().probe('/api/now/table/sys_user', 'probing')).toEqual({ rows: [], hidden: true })
    expect(lines(sent)).toEqual(['GET /api/now/table/sys_user?sysparm_limit=1'])
  })

  it('the roles of the account itself, and of nobody else', async () => {
    const row = (user: string, role: string) =>
      linked({ sys_id: role, user: [user, 'gha'], role: [role, role] })
    const sent = wire(
      [200, { result: [row('u1', 'itil'), row('u1', 'admin')] }],
      [200, { result: [row('u1', 'itil'), row('u2', 'admin')] }]
    )
    expect(await client().ownRoles()).toEqual(['itil', 'admin'])
    expect(await client().ownRoles()).toBeUndefined()
    expect(lines(sent)[0]).toBe(
      `GET /api/now/table/sys_user_has_role?sysparm_query=user=javascript:gs.getUserID()^ORDERBYsys_id&${BOTH}&sysparm_limit=200&sysparm_fields=sys_id,user,role`
    )
  })

  it('approvals, which are only read', async () => {
    const row = linked({
      sys_id: 'r',
      sysapproval: [CHANGE, 'CHG0030001'],
      approver: ['u', 'Kim Lee'],
      'approver.user_name': ['kim.lee', 'kim.lee'],
      group: ['', ''],
      'group.assignment_group': [GROUP, 'CAB Approval'],
      state: ['requested', 'Requested'],
      comments: ['', ''],
      sys_updated_on: ['2026-11-21 12:00:00', '2026-11-21 04:00:00']
    })
    const sent = wire([200, { result: [row] }, { 'X-Total-Count': '1' }])
    expect(await client().approvals(CHANGE)).toEqual([
      {
        approver: 'Kim Lee',
        approverId: 'u',
        userName: 'kim.lee',
        group: 'CAB Approval',
        state: 'requested',
        comments: '',
        at: '2026-11-21 12:00:00'
      }
    ])
    expect(lines(sent)).toEqual([
      `GET /api/now/table/sysapproval_approver?sysparm_query=sysapproval=${CHANGE}^ORDERBYsys_created_on^ORDERBYapprover^ORDERBYsys_id&${BOTH}&sysparm_limit=100&sysparm_fields=sys_id,sysapproval,approver,approver.user_name,group,group.assignment_group,state,comments,sys_updated_on`
    ])
  })
})

describe('attachments', () => {
  const HASH = '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824'
  const stored = {
    sys_id: 'a1',
    file_name: 'unit report.xml',
    content_type: 'application/xml',
    size_bytes: '5',
    hash: HASH,
    table_name: 'change_request',
    table_sys_id: CHANGE
  }
  const upload = () => ({
    name: 'unit report.xml',
    contentType: 'application/xml',
    sha256: async () => HASH,
    body: { size: 5, open: () => Readable.from([Buffer.from('hello')]) }
  })

  it('are listed', async () => {
    const sent = wire([200, { result: [stored] }, { 'X-Total-Count': '1' }])
    expect(await client().attachments.list(CHANGE)).toEqual([
      { sysId: 'a1', name: 'unit report.xml', size: 5, sha256: HASH }
    ])
    expect(lines(sent)).toEqual([
      `GET /api/now/attachment?sysparm_query=table_name=change_request^table_sys_id=${CHANGE}^ORDERBYsys_id&sysparm_limit=1000`
    ])
  })

  it('are sent as the bytes of the file, under its own type', async () => {
    const sent = wire([201, { result: stored }])
    expect((await client().attachments.upload(CHANGE, upload(), new Set())).sysId).toBe('a1')
    expect(sent[0]).toMatchObject({
      method: 'POST',
      url: `/api/now/attachment/file?table_name=change_request&table_sys_id=${CHANGE}&file_name=unit%20report.xml`,
      headers: { 'content-type': 'application/xml', 'content-length': '5', accept: 'application/json' },
      body: 'hello'
    })
    expect(sent[0]?.headers['transfer-encoding']).toBeUndefined()
  })

  it('whose response was lost are checked, and not sent again', async () => {
    const sent = wire(UNAVAILABLE, [200, { result: [stored] }])
    expect((await client().attachments.upload(CHANGE, upload(), new Set())).sysId).toBe('a1')
    expect(sent.map(one => one.method)).toEqual(['POST', 'GET'])
  })
})

it('nothing in the sources names the approvals endpoint or deletes', () => {
  const sources = ['servicenow-client', 'change-operations'].flatMap(name => {
    const folder = join(import.meta.dirname, '../../packages', name, 'src')
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter(file => file.endsWith('.ts') && !/\.test\.ts$|testing[\\/]/.test(file))
      .map(file => readFileSync(join(folder, file), 'utf8'))
  })
  expect(sources.length).toBeGreaterThan(30)
  for (const source of sources) expect(source).not.toMatch(/\/approvals\b(?!\.ts)|DELETE/)
})
