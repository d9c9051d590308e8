/** The pictures of the documentation show what the product does today. What they show is compared, not their pixels. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, it } from '@jest/globals'
import { ROOT } from '../../scripts/action-docs.ts'
import { FILES, hashesOf, MANIFEST, type Shown, shownNow } from '../../scripts/pictures/shown.ts'
import { statesFlow } from '../../scripts/pictures/states-flow.ts'
import { terminalPicture } from '../../scripts/pictures/terminal.ts'

const FOLDER = join(ROOT, 'docs/pictures')
const MAX_BYTES = 1_000_000

let shown: Shown
beforeAll(async () => {
  shown = await shownNow()
}, 120_000)

it('are no older than what they show (npm run pictures)', () => {
  const drawn = JSON.parse(readFileSync(join(FOLDER, MANIFEST), 'utf8'))
  expect(hashesOf(shown)).toEqual(drawn)
})

it('the README quotes the log of the steps as the demo prints it', () => {
  const rows = readFileSync(join(ROOT, 'README.md'), 'utf8').match(/^\| `[a-z-]+`[^|]* \| `.*$/gm) ?? []
  const quotes = rows.flatMap(row =>
    [...row.matchAll(/`((?:Created )?CHG[^`]*?)(?:, …)?`/g)].map(([, quote = '']) => quote)
  )
  expect(quotes).toHaveLength(7)
  // A long line of the demo is one line here: only the picture wraps it.
  expect(quotes.filter(quote => !shown.demo.includes(quote))).toEqual([])
})

it('are all there and no other, under a megabyte together', () => {
  const files = readdirSync(FOLDER)
  expect(files.sort()).toEqual([MANIFEST, ...Object.values(FILES).flat()].sort())
  const bytes = files.reduce((sum, file) => sum + statSync(join(FOLDER, file)).size, 0)
  expect(bytes).toBeLessThan(MAX_BYTES)
})

describe('in pages', () => {
  const pages = ['README.md', ...markdownIn('docs')]
  const tags = pages.flatMap(page =>
    [...readFileSync(join(ROOT, page), 'utf8').matchAll(/<(?:img|source) [^>]*>/g)].map(([tag]) => ({
      page,
      tag,
      file: join(dirname(page), /(?:src|srcset)="([^"]+)"/.exec(tag)?.[1] ?? '')
    }))
  )

  it('are all shown, and those that are shown are there', () => {
    const files = Object.values(FILES).flatMap(names => names.map(name => `docs/pictures/${name}`))
    expect([...new Set(tags.map(({ file }) => file))].sort()).toEqual(files.sort())
  })

  it.each(tags.filter(({ tag }) => tag.startsWith('<img')))('$file has a text in $page', ({ tag }) => {
    expect(tag).toMatch(/ alt="[^"]{40,}"/)
  })
})

function markdownIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder)).flatMap(name => (name.endsWith('.md') ? [`${folder}/${name}`] : []))
}

it('draw the states of a summary, and no other flowchart', () => {
  const code = ['flowchart LR', '  s0["New 09:30:00"]', '  s1["A B 09:31:00"]', '  s0 -->|"1m"| s1']
  expect(statesFlow(code.join('\n')).match(/>(?:New|A B|09:31:00|1m)</g)).toHaveLength(4)
  expect(() => statesFlow('flowchart TD\n  a --> b')).toThrow('another form')
})

it('write text of the terminal as text', () => {
  const drawn = terminalPicture('A "title"', ['<script>&', `${'word '.repeat(30)}end`])
  expect(drawn).toContain('&lt;script>&amp;')
  expect(drawn).toContain('<title id="t">A &quot;title&quot;</title>')
  expect(drawn.match(/<text /g)).toHaveLength(4)
})
