/** Lines of a terminal as an animated SVG. Its colours follow the setting of the reader, and so does its movement. */

const COLUMNS = 104
const ROWS = 27
const [CHARACTER, LINE, PADDING] = [7.83, 19, 16]
const WIDTH = Math.ceil(COLUMNS * CHARACTER + 2 * PADDING)
const HEIGHT = ROWS * LINE + 2 * PADDING + 28
/** Seconds from a line to the next, and at the end. */
const [SHORT, LONG, END] = [0.35, 2.5, 7]

const STYLE = `text{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:#1f2328;white-space:pre}
.frame{fill:#f6f8fa;stroke:#d0d7de}.dot{fill:#d0d7de}.head{fill:#0550ae;font-weight:600}.good{fill:#116329;font-weight:600}.soft{fill:#57606a}
@media (prefers-color-scheme:dark){text{fill:#e6edf3}.frame{fill:#0d1117;stroke:#30363d}.dot{fill:#30363d}.head{fill:#79c0ff}.good{fill:#56d364}.soft{fill:#a5afba}}`

/** One row of the screen. */
interface Row {
  readonly text: string
  readonly look: string
  /** Seconds from the start of the animation. */
  readonly at: number
}

/**
 * @param title what a screen reader says
 * @param lines the output, not yet wrapped
 */
export function terminalPicture(title: string, lines: readonly string[]): string {
  const rows = rowsOf(['$ npm run demo', ...lines])
  const seconds = (rows.at(-1)?.at ?? 0) + END
  const texts = rows.map(
    ({ text, look }, index) =>
      `<text id="r${index}" class="${look}" x="${PADDING}" y="${(index + 1) * LINE}" xml:space="preserve">${escaped(text)}</text>`
  )
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="t">
<title id="t">${escaped(title)}</title>
<style>${STYLE}
@media (prefers-reduced-motion:no-preference){${animation(rows, seconds)}}
#screen{transform:translateY(${-scrolled(rows.length - 1)}px)}</style>
<rect class="frame" x=".5" y=".5" width="${WIDTH - 1}" height="${HEIGHT - 1}" rx="8"/>
${[20, 38, 56].map(x => `<circle class="dot" cx="${x}" cy="18" r="5"/>`).join('')}
<clipPath id="c"><rect y="36" width="${WIDTH}" height="${HEIGHT - 40}"/></clipPath>
<g clip-path="url(#c)"><g transform="translate(0 ${PADDING + 16})"><g id="screen">
${texts.join('\n')}
</g></g></g>
</svg>
`
}

function rowsOf(lines: readonly string[]): Row[] {
  let at = 0
  return lines.flatMap(line => {
    at += SHORT
    const rows = wrapped(line).map(text => ({ text, look: lookOf(line), at }))
    if (line.includes('waiting for approval') || line.startsWith('$')) at += LONG
    return rows
  })
}

function lookOf(line: string): string {
  if (/^[▸═]/.test(line)) return 'head'
  if (/^ {2}✓|: approved|may start|is in Closed/.test(line)) return 'good'
  return /^ {2}[a-z-]+: |^ {5}\S/.test(line) ? 'soft' : 'plain'
}

/** At most `COLUMNS` characters a row, cut between words; rows that go on are indented. */
function wrapped(line: string): string[] {
  const rows: string[] = []
  let rest = line
  while (rest.length > COLUMNS) {
    const blank = rest.lastIndexOf(' ', COLUMNS)
    const end = blank > 8 ? blank : COLUMNS
    rows.push(rest.slice(0, end))
    rest = `    ${rest.slice(end).trimStart()}`
  }
  return [...rows, rest]
}

/** Pixels that the screen has moved up when this row is printed. */
function scrolled(row: number): number {
  return Math.max(0, row + 1 - ROWS) * LINE
}

/** Each row appears at its time, and the screen scrolls with it; then all of it begins again. */
function animation(rows: readonly Row[], seconds: number): string {
  const percent = (at: number) => `${((100 * at) / seconds).toFixed(2)}%`
  const shows = rows.map(
    ({ at }, index) =>
      `@keyframes k${index}{0%{opacity:0}${percent(at)}{opacity:1}}#r${index}{animation:k${index} ${seconds.toFixed(1)}s step-end infinite}`
  )
  // Rows of one line appear together: the last of them says how far the screen has moved.
  const moved = new Map(rows.map(({ at }, index) => [percent(at), scrolled(index)]))
  const steps = [...moved].map(([at, pixels]) => `${at}{transform:translateY(${-pixels}px)}`)
  return `${shows.join('')}@keyframes s{0%{transform:none}${steps.join('')}}#screen{animation:s ${seconds.toFixed(1)}s step-end infinite}`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
