// Draws the lines of the document with uPlot, with which Grafana draws them too. Runs in the browser.
const { uPlot, charts } = globalThis
const style = getComputedStyle(document.documentElement)
const colour = name => style.getPropertyValue(name).trim()

const axis = ({ at, texts }, more) => ({
  stroke: colour('--soft'),
  font: '11px Inter, "Segoe UI", "Noto Sans", Helvetica, Arial, sans-serif',
  grid: { stroke: colour('--line'), width: 1 },
  ticks: { show: false },
  splits: () => at,
  values: () => texts,
  ...more
})

/** A value between two gaps is no line: it is drawn as a point. */
const alone = values => {
  const isGap = index => (values[index] ?? null) === null
  return values.flatMap((_, index) => (!isGap(index) && isGap(index - 1) && isGap(index + 1) ? [index] : []))
}

for (const { id, x, y, data, colours } of charts) {
  const place = document.getElementById(id)
  const series = colours.map((stroke, index) => ({
    stroke,
    width: 1.5,
    spanGaps: false,
    points: { show: true, size: 4, fill: stroke, filter: () => alone(data[index + 1]) }
  }))
  const options = {
    width: place.clientWidth,
    height: place.clientHeight,
    legend: { show: false },
    cursor: { show: false },
    scales: { x: { time: false, range: () => x.range }, y: { range: () => y.range } },
    axes: [axis(x, { size: 26, gap: 7 }), axis(y, { size: 62, gap: 4 })],
    series: [{}, ...series]
  }
  new uPlot(options, data, place)
}
