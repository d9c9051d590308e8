import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from '@jest/globals'
import { type Sandbox, startSandbox } from '../sandbox.ts'
import { as, TABLE } from '../testing/caller.ts'

const ADMIN = '6816f79cc0a8016401c5a33be04be441'

let sandbox: Sandbox

afterEach(() => sandbox.stop())

async function list(query: string, user = 'admin'): Promise<Record<string, string>[]> {
  const response = await as(sandbox, user).get(`${TABLE}/${query}`)
  return response.at('result') as Record<string, string>[]
}

describe('seed: stock', () => {
  it('holds the administrator, who is not in UTC and belongs to Finance', async () => {
    sandbox = await startSandbox({ seed: 'stock' })
    const fields = 'email,department.name,department.dept_head.email,time_zone,roles'
    const admin = await as(sandbox, 'admin').get(`${TABLE}/sys_user/${ADMIN}?sysparm_fields=${fields}`)
    expect(admin.at('result')).toEqual({
      email: 'admin@example.com',
      'department.name': 'Finance',
      'department.dept_head.email': 'natasha.ingram@example.com',
      time_zone: 'America/Los_Angeles'
    })
  })

  it('holds incidents and problems in several states', async () => {
    sandbox = await startSandbox({ seed: 'stock' })
    const states = (rows: Record<string, string>[]) => [...new Set(rows.map(row => row.state))].sort()
    expect(states(await list('incident'))).toEqual(['1', '2', '3', '6', '7', '8'])
    expect(states(await list('problem'))).toEqual(['101', '102', '103', '104', '106', '107'])
    expect((await list('problem?subcategory=email')).length).toBe(1)
    expect((await list('change_request')).length).toBe(0)
  })

  it('holds one published standard template, which fills a change', async () => {
    sandbox = await startSandbox({ seed: 'stock' })
    const [version] = await list('std_change_producer_version?published=true')
    expect(version?.name).toBe('Clear BGP sessions on a Cisco router - 1')
    const created = await as(sandbox, 'admin').post(`${TABLE}/change_request`, {
      type: 'standard',
      std_change_producer_version: version?.sys_id
    })
    expect(created.at('result', 'description')).toContain('Resend the complete BGP table')
  })

  it('has no password for the people of the demo data', async () => {
    sandbox = await startSandbox({ seed: 'stock' })
    const encoded = Buffer.from('abel.tuter:').toString('base64')
    const tried = await as(sandbox).get(`${TABLE}/sys_user`, { authorization: `Basic ${encoded}` })
    expect(tried.status).toBe(401)
  })

  it('is refused when it is another name', async () => {
    sandbox = await startSandbox()
    await expect(startSandbox({ seed: 'empty' as 'stock' })).rejects.toThrow('seed must be change or stock')
  })
})

describe('the tables and fields of an instance', () => {
  it('are records', async () => {
    sandbox = await startSandbox()
    const tables = await list(
      'sys_db_object?sysparm_query=name=incident&sysparm_fields=label,super_class.name'
    )
    expect(tables).toEqual([{ label: 'Incident', 'super_class.name': 'task' }])
    const fields = 'sysparm_fields=internal_type,reference.name,max_length'
    expect(await list(`sys_dictionary?name=incident&element=caller_id&${fields}`)).toEqual([
      { internal_type: 'reference', 'reference.name': 'sys_user', max_length: '32' }
    ])
    // What incidents inherit is defined for tasks.
    expect(await list('sys_dictionary?name=incident&element=short_description')).toEqual([])
    expect(await list(`sys_dictionary?name=task&element=short_description&${fields}`)).toMatchObject([
      { internal_type: 'string', max_length: '160' }
    ])
  })

  it('are not in the state file until they are read, and are kept when they were changed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sandbox-'))
    const stateFile = join(folder, 'state.json')
    const saved = () => Object.keys(JSON.parse(readFileSync(stateFile, 'utf8')).data.tables)
    sandbox = await startSandbox({ stateFile })
    await sandbox.stop()
    expect(saved()).not.toContain('sys_dictionary')
    sandbox = await startSandbox({ stateFile })
    const [own] = sandbox.rows('sys_dictionary')
    sandbox.set('sys_dictionary', own?.sys_id ?? '', { max_length: '7' })
    await sandbox.stop()
    expect(saved()).toContain('sys_dictionary')
    sandbox = await startSandbox({ stateFile })
    expect(sandbox.rows('sys_dictionary')[0]?.max_length).toBe('7')
    rmSync(folder, { recursive: true })
  })

  it('are application files with those of other tables', async () => {
    sandbox = await startSandbox()
    const classes = new Set(
      (await list('sys_metadata?sysparm_fields=sys_class_name')).map(one => one.sys_class_name)
    )
    expect([...classes]).toEqual(expect.arrayContaining(['sys_choice', 'sys_db_object', 'sys_dictionary']))
  })
})
