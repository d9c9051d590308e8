/** Scripts read from a folder: what is accepted, and what is refused with a reason. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { createSandbox } from '../sandbox.ts'
import { loadScripts } from './load.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'scripts-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

function write(entries: unknown, scripts: Readonly<Record<string, string>> = {}, scope: unknown = 'x_acme') {
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ scope, entries }))
  for (const [name, text] of Object.entries(scripts)) writeFileSync(join(folder, name), text)
}

const rule = {
  kind: 'businessRule',
  name: 'Note',
  table: 'change_request',
  when: 'before',
  script: 'note.js'
}

describe('loadScripts', () => {
  it('reads every kind, and rules in their order', async () => {
    const script = 'a.js'
    write(
      [
        { ...rule, name: 'second', order: 200, script },
        {
          ...rule,
          name: 'first',
          order: 50,
          on: ['update'],
          filter: 'active=true',
          condition: 'current.x',
          script
        },
        { kind: 'scriptedRest', name: 'Run', method: 'POST', path: '/api/x_acme/v1/run', script },
        { kind: 'scriptInclude', name: 'Texts', script },
        { kind: 'subflow', name: 'create', script },
        { kind: 'scriptAction', name: 'Later', event: 'x_acme.later', script },
        { kind: 'property', name: 'x_acme.url', value: 'http://127.0.0.1' },
        { kind: 'table', name: 'x_acme_seen', fields: [{ name: 'delivery', unique: true, maxLength: 64 }] }
      ],
      { [script]: 'gs.info("a");' }
    )
    const scripts = await loadScripts(folder)
    const { application } = scripts
    expect(application.rules.map(one => one.name)).toEqual(['first', 'second'])
    expect(application.resources[0]).toMatchObject({ authentication: true, roles: ['snc_internal'] })
    expect(application.tables[0]?.unique).toEqual(['delivery'])
    expect(
      [application.includes, application.flows, application.actions, application.properties].map(
        list => list.length
      )
    ).toEqual([1, 1, 1, 1])
    const sandbox = createSandbox({ scripts })
    expect(sandbox.rows('x_acme_seen')).toEqual([])
    await sandbox.stop()
  })

  it.each([
    ['an arrow function', 'var f = () => 1;'],
    ['let', 'let a = 1;'],
    ['a template', 'var a = `b`;'],
    ['a class', 'class A {}'],
    ['a trailing comma in a call', 'f(1,);']
  ])('refuses %s: the platform runs ES5', async (_, text) => {
    write([rule], { 'note.js': text })
    await expect(loadScripts(folder)).rejects.toThrow(
      /businessRule "Note": the script "note.js" is not ES5: .*\(1:\d+\)/
    )
  })

  it.each<[string, unknown, RegExp]>([
    ['an unknown kind', { ...rule, kind: 'rule' }, /unknown kind\. Kinds: businessRule/],
    ['an entry without a name', { kind: 'property' }, /entry 1 needs a kind and a name/],
    ['a field that has no effect', { ...rule, conditions: 'x' }, /unknown field "conditions"/],
    ['a time of its own', { ...rule, when: 'display' }, /"when" must be one of before, after, async/],
    ['a delete rule', { ...rule, on: ['delete'] }, /rules on delete are not supported/],
    ['a script that is missing', { ...rule, script: 'none.js' }, /"none.js" cannot be read/],
    ['a script outside of the folder', { ...rule, script: '../note.js' }, /outside of the folder/],
    ['a condition that is not ES5', { ...rule, condition: 'a => 1' }, /condition is not ES5/],
    [
      'a path that is not whole',
      { kind: 'scriptedRest', name: 'R', method: 'GET', path: '/run', script: 'note.js' },
      /whole path/
    ]
  ])('refuses %s', async (_, entry, expected) => {
    write([entry], { 'note.js': '' })
    await expect(loadScripts(folder)).rejects.toThrow(expected)
  })

  it('refuses a manifest that is missing, broken or without a scope', async () => {
    await expect(loadScripts(folder)).rejects.toThrow(/manifest.json cannot be read .*Fix:/)
    writeFileSync(join(folder, 'manifest.json'), '{')
    await expect(loadScripts(folder)).rejects.toThrow(/cannot be read/)
    write([], {}, 'acme')
    await expect(loadScripts(folder)).rejects.toThrow(/it needs "scope"/)
  })

  it('adds what another folder has: its flows keep their scope, its properties replace', async () => {
    const beside = mkdtempSync(join(tmpdir(), 'scripts-'))
    try {
      const script = 'a.js'
      const property = { kind: 'property', name: 'x_acme.flows' }
      write(
        [
          { ...property, value: 'one' },
          { kind: 'subflow', name: 'create', script }
        ],
        { [script]: '1;' }
      )
      writeFileSync(join(beside, script), '2;')
      const entries = [
        { ...property, value: 'two' },
        { kind: 'subflow', name: 'create', script }
      ]
      writeFileSync(join(beside, 'manifest.json'), JSON.stringify({ scope: 'x_other', entries }))
      const { application } = await loadScripts(folder, beside)
      expect(application.scope).toBe('x_acme')
      expect(application.flows.map(one => [one.name, one.script])).toEqual([
        ['create', '1;'],
        ['x_other.create', '2;']
      ])
      expect(application.properties.map(one => one.value)).toEqual(['two'])
    } finally {
      rmSync(beside, { recursive: true, force: true })
    }
  })

  it('refuses a table that the instance has already', async () => {
    write([{ kind: 'table', name: 'change_request', fields: [{ name: 'a' }] }])
    const scripts = await loadScripts(folder)
    expect(() => createSandbox({ scripts })).toThrow('There is another table "change_request" already.')
  })
})

describe('roles', () => {
  it('are there, and the accounts that hold them have them', async () => {
    write([{ kind: 'role', name: 'x_acme.caller', holders: ['gha.reader'] }])
    const sandbox = createSandbox({ scripts: await loadScripts(folder) })
    const named = (table: string, name: string, value: string) =>
      sandbox.rows(table).find(row => row[name] === value)?.sys_id
    const role = named('sys_user_role', 'name', 'x_acme.caller')
    const user = named('sys_user', 'user_name', 'gha.reader')
    expect(sandbox.rows('sys_user_has_role').filter(row => row.role === role)).toMatchObject([{ user }])
    await sandbox.stop()
  })

  it('are refused for an account that does not exist', async () => {
    write([{ kind: 'role', name: 'x_acme.caller', holders: ['nobody'] }])
    const scripts = await loadScripts(folder)
    expect(() => createSandbox({ scripts })).toThrow('role "x_acme.caller": there is no account nobody')
  })
})
