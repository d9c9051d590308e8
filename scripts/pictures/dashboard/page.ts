/** The panels of the dashboard as a document: at the places, and with the titles, units and colours of the file. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Answer, Series } from './answers.ts'
import { timeAxis, valueAxis } from './axes.ts'
import { type Dashboard, type Panel, type Step, secondsOf } from './model.ts'
import { withUnit } from './units.ts'

/** Pixels of a cell of Grafana's grid: height, and space between two. */
const [CELL, GAP] = [30, 8]
export const WIDTH = 1_280

/** Colours of lines and pieces, in their order. */
const COLOURS = [
  '#56a64b',
  '#e0a500',
  '#5794f2',
  '#ff780a',
  '#e02f44',
  '#a352cc',
  '#2ca5a0',
  '#8a8f98',
  '#c4758f'
]
/** What a threshold calls its colour. */
const NAMED: Readonly<Record<string, string>> = { green: '#56a64b', orange: '#e8730a', red: '#e02f44' }

const STYLE = `:root{color-scheme:light dark;--text:#24292e;--soft:#5f6672;--page:#f4f5f5;--panel:#fff;--line:#e2e4e7}
@media (prefers-color-scheme:dark){:root{--text:#d8d9da;--soft:#9fa3ab;--page:#111217;--panel:#181b1f;--line:#2c3036}}
body{margin:0;padding:12px;width:${WIDTH - 24}px;background:var(--page);color:var(--text);font:13px/1.4 Inter,"Segoe UI","Noto Sans",Helvetica,Arial,sans-serif}
h1{margin:0;padding:2px 4px 10px;font-size:17px;font-weight:500}h1 span{float:right;color:var(--soft);font-size:13px;font-weight:400;line-height:24px}
main{display:grid;grid-template-columns:repeat(24,1fr);grid-auto-rows:${CELL}px;gap:${GAP}px}
h2{margin:0;align-self:center;font-size:15px;font-weight:500}h2::before{content:"⌄ "}
section{display:flex;flex-direction:column;overflow:hidden;padding:8px;box-sizing:border-box;background:var(--panel);border:1px solid var(--line);border-radius:3px}
h3{margin:0 0 4px;font-size:14px;font-weight:500}.body{flex:1;min-height:0;display:flex;flex-direction:column;justify-content:center}
.legend{display:flex;flex-wrap:wrap;gap:0 12px;font-size:11.5px;color:var(--soft)}.key{display:inline-block;width:12px;height:4px;margin-right:5px;border-radius:2px;vertical-align:middle}
.stat{align-self:center;font-size:54px;font-weight:500}
.bar{display:grid;grid-template-columns:150px 1fr 90px;gap:10px;align-items:center;margin:5px 0;font-size:14px}.bar i{display:block;height:26px;border-radius:2px}.bar div{background:var(--page)}.bar b{font-weight:500}
.pie{flex-direction:row;align-items:center;gap:20px}.pie>i{width:170px;height:170px;flex:none;border-radius:50%}table{border-collapse:collapse;font-size:12px}td,th{padding:2px 7px;font-weight:400;text-align:right}td:first-child,th:first-child{text-align:left;white-space:nowrap;padding-left:0}th{color:var(--soft)}
.alert{display:grid;grid-template-columns:64px 1fr;gap:0 10px;margin:5px 0}.alert span{color:var(--soft)}.alert em{grid-row:span 2;font-style:normal;font-weight:600;font-size:12px;line-height:20px}
.alert em.firing{color:#e02f44}.alert em.pending{color:#e8730a}`

/**
 * @param end of the time that is shown, in epoch seconds
 * @param later seconds by which the times of the answers are later than those to be shown
 * @throws Error for a panel of a type or unit that no picture has yet
 */
export function dashboardDocument(
  { title, time, panels }: Dashboard,
  answers: readonly Answer[],
  end: number,
  later: number
): string {
  const x = timeAxis(end - secondsOf(time.from.replace(/^now-/, '')), end)
  const rows = panels.filter(one => one.type === 'row')
  const parts = [
    ...rows.map(row => `<h2 style="${placeOf(row)}">${escaped(row.title)}</h2>`),
    ...answers.map(answer => {
      const { panel } = answer
      return `<section style="${placeOf(panel)}"><h3>${escaped(panel.title)}</h3>${bodyOf(answer)}</section>`
    })
  ]
  const lines = answers.filter(({ panel }) => panel.type === 'timeseries')
  const data = JSON.stringify(lines.map(answer => ({ x, ...chartOf(answer, later) }))).replaceAll(
    '<',
    '\\u003c'
  )
  const head = `<meta charset="utf-8"><title>Picture</title><style>${uplot('uPlot.min.css')}${STYLE}</style>`
  const script = readFileSync(join(import.meta.dirname, 'charts.js'), 'utf8')
  const range = `${time.from} to ${time.to} (UTC)`
  return `<!DOCTYPE html><html lang="en"><head>${head}</head><body><h1>${escaped(title)}<span>${escaped(range)}</span></h1><main>${parts.join('')}</main>
<script>${uplot('uPlot.iife.min.js')}</script><script>var charts=${data}</script><script type="module">${script}</script></body></html>`
}

function uplot(file: string): string {
  return readFileSync(createRequire(import.meta.url).resolve(`uplot/dist/${file}`), 'utf8')
}

function placeOf({ gridPos: { x, y, w, h } }: Panel): string {
  return `grid-area:${y + 1}/${x + 1}/span ${h}/span ${w}`
}

/** @throws Error for a type of panel that no picture has yet */
function bodyOf(answer: Answer): string {
  switch (answer.panel.type) {
    case 'stat':
      return statBody(answer)
    case 'bargauge':
      return barsBody(answer)
    case 'piechart':
      return pieBody(answer)
    case 'timeseries':
      return `<div class="body chart" id="panel-${answer.panel.id}"></div>${legend(answer.series)}`
    case 'alertlist':
      return alertsBody(answer)
    default:
      throw new Error(`Panel "${answer.panel.title}": no picture has the type ${answer.panel.type} yet`)
  }
}

const latest = ({ points }: Series) => points.at(-1)?.[1] ?? Number.NaN

function unitOf({ fieldConfig }: Panel): string {
  return fieldConfig?.defaults.unit ?? 'none'
}

function statBody({ panel, series }: Answer): string {
  const values = series.map(one => {
    const value = latest(one)
    return `<span class="stat" style="color:${thresholdColour(panel, value)}">${withUnit(value, unitOf(panel))}</span>`
  })
  return `<div class="body">${values.join('')}</div>`
}

function barsBody({ panel, series }: Answer): string {
  const max = Math.max(...series.map(latest))
  const bars = series.map(one => {
    const value = latest(one)
    const colour = thresholdColour(panel, value)
    return `<div class="bar" style="background:none"><span>${escaped(one.name)}</span><div><i style="width:${(100 * value) / max}%;background:${colour}"></i></div><b style="color:${colour}">${withUnit(value, unitOf(panel))}</b></div>`
  })
  return `<div class="body">${bars.join('')}</div>`
}

/** The colour of the last threshold that the value has reached. */
function thresholdColour({ fieldConfig }: Panel, value: number): string {
  const steps: readonly Step[] = fieldConfig?.defaults.thresholds?.steps ?? []
  const { color = 'green' } = steps.findLast(step => step.value === null || value >= step.value) ?? {}
  return NAMED[color] ?? color
}

function pieBody({ panel, series }: Answer): string {
  const sum = series.reduce((total, one) => total + latest(one), 0)
  let from = 0
  const pieces = series.map((one, index) => {
    const to = from + (360 * latest(one)) / sum
    const piece = `${colourAt(index)} ${from}deg ${to}deg`
    from = to
    return piece
  })
  const columns = panel.options?.legend?.values ?? []
  const cell = {
    value: (one: number) => withUnit(one, unitOf(panel)),
    percent: (one: number) => withUnit(one / sum, 'percentunit')
  }
  const known = (['value', 'percent'] as const).filter(name => columns.includes(name))
  const rows = series.map(
    (one, index) =>
      `<tr><td>${key(index)}${escaped(one.name)}</td>${known.map(name => `<td>${cell[name](latest(one))}</td>`).join('')}</tr>`
  )
  const heads = known.map(name => `<th>${name[0]?.toUpperCase()}${name.slice(1)}</th>`)
  return `<div class="body pie"><i style="background:conic-gradient(${pieces.join()})"></i><table><tr><th></th>${heads.join('')}</tr>${rows.join('')}</table></div>`
}

function alertsBody({ alerts }: Answer): string {
  const rows = alerts.map(
    ({ state, labels, annotations }) =>
      `<div class="alert"><em class="${state}">${state}</em>${escaped(labels.alertname ?? '')}<span>${escaped(annotations.summary ?? '')}</span></div>`
  )
  return `<div class="body" style="justify-content:start">${rows.join('')}</div>`
}

function legend(series: readonly Series[]): string {
  return `<div class="legend">${series.map((one, index) => `<span>${key(index)}${escaped(one.name)}</span>`).join('')}</div>`
}

function key(index: number): string {
  return `<i class="key" style="background:${colourAt(index)}"></i>`
}

function colourAt(index: number): string {
  return COLOURS[index % COLOURS.length] ?? ''
}

/** What charts.js draws: times in epoch seconds and the values of each line at them. */
function chartOf({ panel, series }: Answer, later: number) {
  const times = [...new Set(series.flatMap(one => one.points.map(([at]) => at)))].sort((a, b) => a - b)
  const lines = series.map(one => {
    const values = new Map(one.points.filter(([, value]) => Number.isFinite(value)))
    return times.map(at => values.get(at) ?? null)
  })
  const values = lines.flat().filter(value => value !== null)
  return {
    id: `panel-${panel.id}`,
    y: valueAxis(values, unitOf(panel)),
    data: [times.map(at => at - later), ...lines],
    colours: series.map((_, index) => colourAt(index))
  }
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
