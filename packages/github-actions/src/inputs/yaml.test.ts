import { describe, expect, it } from '@jest/globals'
import { yamlList, yamlMap } from '../index.ts'
import { parsed, problemOf } from '../testing/inputs.ts'

describe('YAML', () => {
  it('takes maps and lists, and JSON', async () => {
    expect(await parsed(yamlMap(), 'a: x\nb: [1, true]\nc: yes')).toEqual({ a: 'x', b: [1, true], c: 'yes' })
    expect(await parsed(yamlMap(), '{"a": {"b": null}}')).toEqual({ a: { b: null } })
    expect(await parsed(yamlList(), '- a\n- name: n\n  file: f')).toEqual(['a', { name: 'n', file: 'f' }])
    expect(await parsed(yamlMap(), '# nothing')).toBeUndefined()
    expect(await parsed(yamlList())).toBeUndefined()
  })

  it('keeps as text what would change as a number', async () => {
    const given = 'code: 007\nversion: 1.10\nbig: 12345678901234567890\nn: 5\nquoted: "1"'
    const expected = { code: '007', version: '1.10', big: '12345678901234567890', n: 5, quoted: '1' }
    expect(await parsed(yamlMap(), given)).toEqual(expected)
  })

  it.each([
    ['a: 1\nb: x\na: 2', 'Map keys must be unique at line 3, column 1'],
    ['a: [1, 2', 'at line 1, column 9'],
    ['a: 1\n b: 2', 'at line 1, column 4'],
    ['a: !secret x', 'Unresolved tag: !secret at line 1, column 4'],
    ['? [a]\n: b', 'a key must be a single word or text'],
    ['a: *x', 'x'],
    ['a: 1\n---\nb: 2', 'multiple documents']
  ])('%j is refused', async (given, expected) => {
    const problem = await problemOf(yamlMap(), given)
    expect(problem).toContain('`x` is not valid YAML: ')
    expect(problem).toContain(expected)
    expect(problem).not.toContain('\n')
  })

  it('says what it is instead', async () => {
    expect(await problemOf(yamlMap(), '- a')).toBe('`x` must be a YAML map (`key: value` lines), not a list')
    expect(await problemOf(yamlMap(), 'word')).toContain('not a single text')
    expect(await problemOf(yamlList(), 'a: b')).toContain('not a map')
  })

  it('cannot be made to grow without end, nor to reach the prototype', async () => {
    const bomb = ['a: &a [x,x,x,x,x,x,x,x,x]']
    for (const [from, to] of ['ab', 'bc', 'cd', 'de', 'ef'].map(pair => [...pair])) {
      bomb.push(`${to}: &${to} [${Array(9).fill(`*${from}`).join(',')}]`)
    }
    expect(await problemOf(yamlMap(), bomb.join('\n'))).toContain('is not valid YAML')
    await parsed(yamlMap(), '{"__proto__": {"polluted": true}}')
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })

  it.each([
    ['? '.repeat(20_000), 'nested too deeply'],
    ['- '.repeat(20_000), 'nested too deeply'],
    ['['.repeat(20_000), 'nested too deeply'],
    ['a: {'.repeat(20_000), 'nested too deeply'],
    [`{a: ${'a": '.repeat(20_000)}}`, 'nested too deeply'],
    [Array.from({ length: 300 }, (_, n) => `${' '.repeat(n)}a:`).join('\n'), '256 blanks'],
    ['&a '.repeat(20_000), 'too many anchors or tags'],
    [`a: ${'x'.repeat(300_000)}`, 'longer than 256 KiB']
  ])('%.9s… is not parsed: it could take very long', async (given, expected) => {
    expect(await problemOf(yamlMap(), given)).toContain(`\`x\` is not read as YAML: it`)
    expect(await problemOf(yamlMap(), given)).toContain(expected)
  })

  it('with very many mistakes or keys is read in one pass', async () => {
    expect(await problemOf(yamlMap(), `[${','.repeat(50_000)}]`)).toContain('at line 1, column 3')
    const keys = Array.from({ length: 5_000 }, (_, n) => `k${n}: 1`)
    expect(Object.keys((await parsed(yamlMap(), keys.join('\n'))) ?? {})).toHaveLength(5_000)
    expect(await problemOf(yamlMap(), [...keys, 'k7: 2'].join('\n'))).toContain('at line 5001, column 1')
    const flow = `{${Array.from({ length: 200 }, (_, n) => `k${n}: [1, {a: 2}]`).join(', ')}}`
    expect(Object.keys((await parsed(yamlMap(), flow)) ?? {})).toHaveLength(200)
  })

  it('of a secret is not quoted', async () => {
    expect(await problemOf(yamlMap({ secret: true }), 'hush: [')).toBe('`x` is not valid YAML')
  })
})
