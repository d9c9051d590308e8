/** The generated files of the companion application are those of its records, and these of the sources. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { COMPANION, generatedFiles } from './companion-files.ts'
import { readRecords } from './companion-records.ts'

const records = readRecords(join(COMPANION, 'xml'))
const of = (table: string) => records.filter(record => record.table === table).map(({ fields }) => fields)

describe('servicenow/', () => {
  it.each([...generatedFiles()])('%s is up to date (else: npm run companion)', (name, text) => {
    expect(readFileSync(join(COMPANION, name), 'utf8')).toBe(text)
  })

  it('has no text to paste beside the generated ones', () => {
    const names = readdirSync(join(COMPANION, 'paste')).map(name => `paste/${name}`)
    expect(names.sort()).toEqual(
      [...generatedFiles().keys()].filter(name => name.startsWith('paste/')).sort()
    )
  })

  it('has every script of the sources in a record', () => {
    const texts = records.flatMap(({ fields }) => [fields.script ?? '', fields.operation_script ?? ''])
    for (const name of readdirSync(join(COMPANION, 'src/scripts'))) {
      expect(texts).toContain(readFileSync(join(COMPANION, 'src/scripts', name), 'utf8'))
    }
  })

  it('grants no right in a table of another application but to read changes, and no role of another one', () => {
    const privileges = of('sys_scope_privilege').map(one => `${one.operation} ${one.target_name}`)
    expect(privileges).toEqual(['read change_request'])
    expect(of('sys_user_role_contains')).toEqual([])
    const tables = new Set(of('sys_security_acl').map(one => one.name?.split('.')[0]))
    expect([...tables].sort()).toEqual(['x_chgact_delivery', 'x_chgact_door'])
  })

  it('has its addresses behind a sign-in, an access rule and the role of the caller', () => {
    const manifest = JSON.parse(readFileSync(join(COMPANION, 'manifest.json'), 'utf8'))
    const resources = manifest.entries.filter((one: { kind: string }) => one.kind === 'scriptedRest')
    expect(
      resources.map((one: { method: string; path: string }) => `${one.method} ${one.path}`).sort()
    ).toEqual([
      'GET /api/x_chgact/v1/deliveries/{id}',
      'POST /api/x_chgact/v1/events',
      'POST /api/x_chgact/v1/flows'
    ])
    for (const { authentication, roles } of resources) {
      expect([authentication, roles]).toEqual([true, ['x_chgact.caller']])
    }
    expect(of('sys_ws_operation').map(one => one.requires_acl_authorization)).toEqual([
      'true',
      'true',
      'true'
    ])
  })

  it('ships no secret and no address of its own', () => {
    const secrets = of('sys_properties').filter(one => one.type === 'password2')
    expect(secrets.map(one => [one.name, one.value, one.is_private])).toEqual([
      ['x_chgact.github_token', '', 'true'],
      ['x_chgact.signing_secret', '', 'true']
    ])
  })
})
