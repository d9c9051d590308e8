import { describe, expect, it } from '@jest/globals'
import type { Answer } from './answers.ts'
import { timeAxis, valueAxis } from './axes.ts'
import type { Dashboard, Panel } from './model.ts'
import { dashboardDocument } from './page.ts'
import { withUnit } from './units.ts'

describe('units', () => {
  it.each([
    [0, 's', '0 s'],
    [0.25, 's', '250 ms'],
    [59.5, 's', '59.5 s'],
    [60, 's', '1 min'],
    [5_400, 's', '1.5 hours'],
    [172_800, 's', '2 days'],
    [0.05, 'percentunit', '5%'],
    [1_234.4, 'none', '1234']
  ])('%d as %s is %s', (value, unit, text) => {
    expect(withUnit(value, unit)).toBe(text)
  })

  it('that are not known are an error', () => {
    expect(() => withUnit(1, 'bytes')).toThrow('bytes')
  })
})

describe('axes', () => {
  it('have round values up to the highest', () => {
    expect(valueAxis([3, 50], 's').texts).toEqual(['0 s', '10 s', '20 s', '30 s', '40 s', '50 s', '1 min'])
    expect(valueAxis([0, 0.062], 'percentunit').texts).toEqual(['0%', '2%', '4%', '6%', '8%'])
    expect(valueAxis([0], 'none').range).toEqual([0, 1.2])
  })

  it('have a line for each midnight', () => {
    const noon = Date.UTC(2026, 10, 1, 12) / 1_000
    expect(timeAxis(noon, noon + 2 * 86_400).texts).toEqual(['11-02', '11-03'])
  })
})

describe('panels', () => {
  const panel = (more: Partial<Panel>): Panel => ({
    id: 1,
    type: 'stat',
    title: 'Waits',
    gridPos: { x: 6, y: 1, w: 6, h: 7 },
    fieldConfig: {
      defaults: {
        unit: 's',
        thresholds: {
          steps: [
            { color: 'green', value: null },
            { color: 'red', value: 3_600 }
          ]
        }
      }
    },
    ...more
  })
  const drawn = (of: Panel, name: string, value: number): string => {
    const dashboard: Dashboard = {
      title: 'D',
      time: { from: 'now-7d', to: 'now' },
      templating: { list: [] },
      panels: [of]
    }
    const answer: Answer = { panel: of, series: [{ name, points: [[1_000, value]] }], alerts: [] }
    return dashboardDocument(dashboard, [answer], 1_000, 0)
  }

  it('stand at their place, in the colour of the last threshold that is reached', () => {
    expect(drawn(panel({}), 'a', 3_599)).toContain('grid-area:2/7/span 7/span 6')
    expect(drawn(panel({}), 'a', 3_599)).toContain('style="color:#56a64b">60 mins<')
    expect(drawn(panel({}), 'a', 3_600)).toContain('style="color:#e02f44">1 hour<')
  })

  it('write titles and labels as text', () => {
    const html = drawn(panel({ type: 'timeseries', title: '<b>&' }), '<script>', 1)
    expect(html).toContain('<h3>&lt;b>&amp;</h3>')
    expect(html).toContain('&lt;script>')
  })

  it('of a type that is not known are an error', () => {
    expect(() => drawn(panel({ type: 'heatmap' }), 'a', 1)).toThrow('heatmap')
  })
})
