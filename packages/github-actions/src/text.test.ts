import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { createOutputs } from './outputs.ts'
import { createSecrets } from './secrets.ts'
import { readRuntime } from './step/runtime.ts'
import { createSummary } from './summary.ts'
import { parseKeyValueFile } from './testing/runner.ts'
import { harmless, link, markdown, oneLine, shorten } from './text.ts'

/** Text made of what matters to the runner, to terminals and to Markdown, mixed with anything. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...'::error::',
        '##[',
        ':',
        '#',
        '[',
        ']',
        '(',
        ')',
        '!',
        '<',
        '>',
        '&',
        '|',
        '`',
        '~',
        '\\'
      ),
      fc.constantFrom(
        '\n',
        '\r',
        '\r\n',
        '\t',
        ' ',
        '\u2028',
        '\u0085',
        '\u0000',
        '\u001b[31m',
        '\u001b]0;x\u0007'
      ),
      fc.constantFrom(
        '\u009b',
        '\u202e',
        '\u2066',
        '\u200f',
        '\u061c',
        '\u2063',
        '\ufeff',
        '\ud800',
        '😀',
        '@',
        'www.',
        'https://',
        '#1',
        'GH-1',
        '$x$',
        '-'
      ),
      fc.constantFrom(
        '::add-mask::',
        '##[error]',
        '::set-output name=x::',
        '1.',
        '=',
        '+',
        '*',
        '_',
        '<img src=x>'
      ),
      // What fc.string() builds to shrink all of Unicode takes a second.
      fc.nat(0x10ffff).map(code => String.fromCodePoint(code))
    ),
    { maxLength: 30 }
  )
  .map(parts => parts.join(''))

/** How the runner looks for commands in a line: V2 at the trimmed start, V1 anywhere. */
function isCommand(line: string): boolean {
  return line.trim().startsWith('::') || line.includes('##[')
}

const runnerLines = (text: string): string[] => text.split(/\r\n|\r|\n/)

describe('harmless', () => {
  it('leaves no command in any line, wherever the text is put in one', () => {
    fc.assert(
      fc.property(hostile, text => {
        const safe = harmless(text)
        expect(runnerLines(safe).filter(isCommand)).toEqual([])
        expect(safe).not.toContain('::')
        expect(safe).not.toContain('##[')
      }),
      { numRuns: 500 }
    )
  })

  it('leaves no control, display-reordering or broken character but newline and tab', () => {
    fc.assert(
      fc.property(hostile, text => {
        expect(harmless(text)).not.toMatch(
          /[^\P{Cc}\n\t]|\p{Bidi_Control}|[\u2028\u2029\u2063\ufeff]|\p{Cs}/u
        )
      }),
      { numRuns: 500 }
    )
  })

  it('takes marks of direction out, shows what hides, and leaves the joiners of scripts and emoji', () => {
    expect(harmless('\u200fapproved\u061c by\u200e Anna')).toBe('approved by Anna')
    expect(harmless('ad\u2063min \u202eetator')).toBe('ad\ufffdmin \ufffdetator')
    expect(harmless('می\u200cخواهم 👩\u200d💻')).toBe('می\u200cخواهم 👩\u200d💻')
  })

  it('changes nothing when applied again', () => {
    fc.assert(fc.property(hostile, text => expect(harmless(harmless(text))).toBe(harmless(text))))
  })

  it('leaves ordinary text alone', () => {
    const text = 'Deploy "shop" 1.2:\n\tüber 10:30, see https://a.example/x?y=1#z 👩‍💻'
    expect(harmless(text)).toBe(text)
  })

  it('breaks a command that only appears once an escape sequence is taken out', () => {
    expect(harmless(':\u001b[0m:error::x')).toBe(':\u200b:error:\u200b:x')
    expect(harmless('##\u001b[0m[error]x')).toBe('##\u200b[error]x')
  })
})

describe('oneLine and shorten', () => {
  it('give one harmless line of at most the length asked for', () => {
    fc.assert(
      fc.property(hostile, fc.integer({ min: 1, max: 60 }), (text, max) => {
        const line = oneLine(text, max)
        expect(line.length).toBeLessThanOrEqual(max)
        expect(line).not.toMatch(/[\r\n\t\u2028\u2029]|\p{Cs}/u)
        expect(isCommand(line)).toBe(false)
      }),
      { numRuns: 500 }
    )
  })

  it('collapse white space and mark what was cut', () => {
    expect(oneLine('  a \r\n\t b  ')).toBe('a b')
    expect(oneLine('abcdef', 4)).toBe('abc…')
    expect(oneLine('x'.repeat(900))).toHaveLength(500)
    expect(shorten('ab😀cd', 4)).toBe('ab…')
  })
})

describe('markdown', () => {
  it('leaves nothing that Markdown, HTML or GitHub gives a meaning to', () => {
    fc.assert(
      fc.property(hostile, text => {
        const safe = markdown(text)
        const escaped = /\\([\\`*_[\]|~#+=.)-])/g
        const unescaped = safe.replace(escaped, '')
        const rendered = safe.replace(escaped, '$1')
        expect(unescaped).not.toMatch(/[`*_[\]|~<>$\n]/)
        expect(unescaped).not.toMatch(/&(?!(?:amp|lt|gt|dollar);)/)
        expect(rendered).not.toMatch(/:\/\/|www\.|@(?!\u200b)|#\d|gh-\d/i)
        expect(safe).not.toMatch(/^(?:[#+=-]|\d+[.)]|\s)/)
      }),
      { numRuns: 500 }
    )
  })

  it.each([
    ['[x](http://a)', '\\[x\\](http:\u200b//a)'],
    ['<b>&amp;</b>', '&lt;b&gt;&amp;amp;&lt;/b&gt;'],
    ['a | b', 'a \\| b'],
    ['# head', '\\# head'],
    ['- item', '\\- item'],
    ['12. item', '12\\. item'],
    ['```js', '\\`\\`\\`js'],
    ['ask @team', 'ask @\u200bteam'],
    ['fixes #12', 'fixes #\u200b12'],
    ['ABC-1, web-shop 1.2', 'ABC-1, web-shop 1.2']
  ])('writes %j as %j', (text, expected) => expect(markdown(text)).toBe(expected))
})

describe('link', () => {
  it('links to web addresses only', () => {
    expect(link('A_1', 'https://a.example/x?a=1&b=2')).toBe('[A\\_1](https://a.example/x?a=1&amp;b=2)')
    expect(link('A', 'javascript:alert(1)')).toBe('A')
    expect(link('A', 'https://user:secret@a.example/')).toBe('A')
    expect(link('A', 'nonsense')).toBe('A')
  })

  it('keeps an address from ending its link or a table cell, or from being broken by harmless()', () => {
    const made = link('x](y', 'https://a.example/p)q|r?u=a::b#[c] d')
    expect(made).toBe('[x\\](y](https://a.example/p%29q%7Cr?u=a%3A:b#%5Bc%5D%20d)')
    expect(harmless(made)).toBe(made)
  })
})

describe('secrets', () => {
  it('are replaced in plain, escaped and encoded form', () => {
    const secrets = createSecrets()
    const secret = 'a*b::c "d" ü'
    expect(secrets.add(secret)).toEqual([secret])
    const base64 = Buffer.from(secret).toString('base64')
    const forms = [
      secret,
      markdown(secret),
      harmless(secret),
      encodeURIComponent(secret),
      JSON.stringify(secret),
      base64
    ]
    for (const form of forms) expect(secrets.redact(`<${form}>`)).toMatch(/^<"?\*\*\*"?>$/)
  })

  it('are replaced inside of escaped text', () => {
    const secrets = createSecrets()
    secrets.add('-a*b')
    expect(secrets.redact(markdown('-a*b said -a*b'))).toBe('*** said ***')
  })

  it('of several lines are announced by line, without lines that say nothing', () => {
    expect(createSecrets().add('first line\nsecond')).toEqual(['first line\nsecond', 'first line', 'second'])
    expect(createSecrets().add('{\n  "key": 1\n}')).toEqual(['"key": 1'])
    expect(createSecrets().add(' \n ')).toEqual([])
  })

  it('hides JSON Web Tokens by their shape, in every form, and announces the first hundred', () => {
    const secrets = createSecrets()
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const made = (jti: number) => `${part({ alg: 'RS256', kid: 'k_1-' })}.${part({ jti })}.s1g_nature-${jti}`
    const announced = Array.from({ length: 3000 }, (_, jti) => secrets.add(made(jti))).flat()
    expect(announced).toEqual(Array.from({ length: 100 }, (_, jti) => made(jti)))
    expect(secrets.add(made(1))).toEqual([])
    const jwt = made(2999)
    const forms = [jwt, markdown(jwt), encodeURIComponent(jwt), Buffer.from(jwt).toString('base64')]
    for (const form of forms) expect(secrets.redact(`Bearer ${form} was sent`)).toBe('Bearer *** was sent')
    expect(secrets.redact('eyJust.a.word, and CHG0030001')).toBe('eyJust.a.word, and CHG0030001')
  })

  it('that begin alike are replaced whole', () => {
    const secrets = createSecrets()
    secrets.add('abc')
    secrets.add('abcdef')
    expect(secrets.redact('abcdef abc')).toBe('*** ***')
  })

  it('that are very long are replaced too', () => {
    const secrets = createSecrets()
    const long = 'a1*'.repeat(40_000)
    secrets.add(long)
    expect(secrets.redact(`<${long}>`)).toBe('<***>')
  })
})

describe('files the runner reads', () => {
  let folder = ''
  const { GITHUB_OUTPUT } = process.env
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'kit-'))
  })
  afterEach(() => {
    rmSync(folder, { recursive: true })
    if (GITHUB_OUTPUT === undefined) delete process.env.GITHUB_OUTPUT
    else process.env.GITHUB_OUTPUT = GITHUB_OUTPUT
  })

  function outputFile(): string {
    const file = join(folder, 'output')
    writeFileSync(file, '')
    process.env.GITHUB_OUTPUT = file
    return file
  }

  function summaryFile(text = ''): { file: string; read(): string } {
    const file = join(folder, 'summary')
    writeFileSync(file, text)
    return { file, read: () => readFileSync(file, 'utf8') }
  }

  it('outputs come back from the file as they were set, whatever is in them', () => {
    const file = outputFile()
    fc.assert(
      fc.property(hostile, text => {
        const value = Buffer.from(text).toString()
        createOutputs().set('text', value)
        expect(parseKeyValueFile(readFileSync(file, 'utf8')).text).toBe(value)
      })
    )
  })

  it('outputs are written at once, others than text as JSON, and the last value counts', () => {
    const file = outputFile()
    const outputs = createOutputs()
    outputs.set('count', 3)
    expect(parseKeyValueFile(readFileSync(file, 'utf8'))).toEqual({ count: '3' })
    outputs.set('done', false)
    outputs.set('list', [{ name: 'a\nb' }])
    outputs.set('count', 4)
    const expected = { count: '4', done: 'false', list: '[{"name":"a\\nb"}]' }
    expect(parseKeyValueFile(readFileSync(file, 'utf8'))).toEqual(expected)
    expect(outputs.values).toEqual(expected)
  })

  it('outputs refuse what nobody could read', () => {
    outputFile()
    const outputs = createOutputs()
    const set = (name: string, value: unknown) => () => outputs.set(name, value as string)
    expect(set('a', undefined)).toThrow('Output a cannot be undefined')
    expect(set('a', null)).toThrow('Output a cannot be null')
    expect(set('a', Number.NaN)).toThrow('Output a cannot be NaN')
    expect(set('a b', 'x')).toThrow('"a b" cannot be the name of an output')
    expect(outputs.values).toEqual({})
  })

  it('the summary is written once, without secrets and without commands', () => {
    const { file, read } = summaryFile('before\n')
    const redact = (text: string): string => text.replaceAll('hush', '***')
    const summary = createSummary({ file, redact, warn: () => {} })
    summary.heading('Change <1>')
    summary.line('said hush ::error::x')
    summary.facts([['State', 'New\nline']])
    summary.table(['A', 'B'], [['1'], ['2', '3', '4']])
    expect(read()).toBe('before\n')
    summary.flush()
    summary.flush()
    const expected = [
      '## Change &lt;1&gt;',
      'said *** :\u200b:error:\u200b:x',
      '|  |  |\n| --- | --- |\n| State | New line |',
      '| A | B |\n| --- | --- |\n| 1 |  |\n| 2 | 3 |'
    ]
    expect(read()).toBe(`before\n${expected.map(block => `${block}\n\n`).join('')}`)
  })

  it('the summary stays within 1 MiB together with what is there, cut after a whole line', () => {
    const { file, read } = summaryFile('ü'.repeat(1000))
    const summary = createSummary({ file, redact: text => text, warn: () => {} })
    summary.line('ä'.repeat(99).concat('\n').repeat(10_000))
    summary.flush()
    const written = read()
    expect(Buffer.byteLength(written)).toBeLessThanOrEqual(1024 * 1024)
    expect(Buffer.byteLength(written)).toBeGreaterThan(1024 * 1024 - 300)
    const end = written.slice(-60)
    expect(end).toMatch(/ä{5}\n+… cut here: a job summary holds at most 1 MiB\.\n$/)
  })

  it('a line longer than the summary may be is cut between characters', () => {
    const { file, read } = summaryFile()
    const summary = createSummary({ file, redact: text => text, warn: () => {} })
    summary.line('€'.repeat(400_000))
    summary.flush()
    expect(read().slice(-60)).toMatch(/^€+\n+… cut here[^\ufffd]*$/)
  })

  it('a summary that cannot be written is no failure', () => {
    const warnings: string[] = []
    const lost = createSummary({ file: folder, redact: text => text, warn: text => void warnings.push(text) })
    lost.line('x')
    lost.flush()
    expect(warnings).toEqual([expect.stringContaining('The job summary could not be written')])
    const without = createSummary({ file: undefined, redact: text => text, warn: () => {} })
    without.line('x')
    expect(() => without.flush()).not.toThrow()
  })
})

describe('readRuntime', () => {
  it('reads the runner and builds the address of the run', () => {
    const runtime = readRuntime({
      GITHUB_SERVER_URL: 'https://github.example',
      GITHUB_REPOSITORY: 'acme/shop',
      GITHUB_RUN_ID: '42',
      GITHUB_ACTION: 'change',
      GITHUB_WORKSPACE: '/w',
      RUNNER_TEMP: '/t',
      RUNNER_DEBUG: '1'
    })
    expect(runtime).toMatchObject({ step: 'change', workspace: '/w', temp: '/t', debug: true, actor: '' })
    expect(runtime.runUrl).toBe('https://github.example/acme/shop/actions/runs/42')
  })

  it('does without', () => {
    const expected = { runUrl: '', workspace: process.cwd(), temp: tmpdir(), debug: false, sha: '' }
    expect(readRuntime({})).toMatchObject(expected)
  })
})
