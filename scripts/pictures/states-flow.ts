/** The flowchart of the job summary, which GitHub draws from Mermaid, as a plain SVG: a row of boxes with arrows. */

const BOX = /^ {2}s\d+\["(.*?) (\d\d:\d\d:\d\d)"\]$/gm
const ARROW = /^ {2}s\d+ -->\|"(.*?)"\| s\d+$/gm
const [BOX_WIDTH, BOX_HEIGHT, GAP] = [78, 42, 50]

/**
 * @param mermaid the code of the flowchart
 * @throws Error when it is not of the form that the summary writes
 */
export function statesFlow(mermaid: string): string {
  const boxes = [...mermaid.matchAll(BOX)].map(([, name = '', time = '']) => ({ name, time }))
  const lasted = [...mermaid.matchAll(ARROW)].map(([, text = '']) => text)
  if (boxes.length < 2 || lasted.length !== boxes.length - 1)
    throw new Error(`The flowchart of the summary has another form: ${mermaid}`)
  const left = (index: number) => 1 + index * (BOX_WIDTH + GAP)
  const middle = BOX_HEIGHT / 2 + 1
  const drawn = boxes.map(({ name, time }, index) => {
    const center = left(index) + BOX_WIDTH / 2
    return `<rect x="${left(index)}" y="1" width="${BOX_WIDTH}" height="${BOX_HEIGHT}" rx="3"/><text x="${center}" y="18">${escaped(name)}</text><text x="${center}" y="35">${escaped(time)}</text>`
  })
  const arrows = lasted.map((text, index) => {
    const [from, to] = [left(index) + BOX_WIDTH, left(index + 1)]
    return `<line x1="${from}" y1="${middle}" x2="${to - 6}" y2="${middle}"/><path d="M${to - 7} ${middle - 4}L${to} ${middle}L${to - 7} ${middle + 4}Z"/><text class="soft" x="${(from + to) / 2 - 2}" y="${middle - 6}">${escaped(text)}</text>`
  })
  const width = left(boxes.length) - GAP + 1
  return `<svg class="flow" width="${width}" height="${BOX_HEIGHT + 2}" viewBox="0 0 ${width} ${BOX_HEIGHT + 2}">${drawn.join('')}${arrows.join('')}</svg>`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
