/** The parts of a Grafana dashboard that a picture of it needs. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A limit from which on a value has a colour. */
export interface Step {
  readonly color: string
  /** Null: from the lowest value on. */
  readonly value: number | null
}

export interface Target {
  readonly expr: string
  readonly legendFormat: string
  readonly instant?: boolean
}

export interface Panel {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly description?: string
  /** In cells: 24 beside each other. */
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  /** The shortest time between two points, such as `1h`. */
  readonly interval?: string
  readonly targets?: readonly Target[]
  readonly fieldConfig?: {
    readonly defaults: {
      readonly unit?: string
      readonly min?: number
      readonly thresholds?: { readonly steps: readonly Step[] }
    }
  }
  readonly options?: {
    readonly alertName?: string
    readonly stateFilter?: Readonly<Record<string, boolean>>
    readonly legend?: { readonly values?: readonly string[] }
  }
}

export interface Dashboard {
  readonly title: string
  /** Such as `now-7d` and `now`. */
  readonly time: { readonly from: string; readonly to: string }
  readonly templating: { readonly list: readonly { readonly name: string; readonly allValue?: string }[] }
  readonly panels: readonly Panel[]
}

/** The dashboard of monitoring/. */
export function readDashboard(): Dashboard {
  const file = join(import.meta.dirname, '../../../monitoring/grafana-dashboard.json')
  return JSON.parse(readFileSync(file, 'utf8'))
}

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 }

/** Seconds of a time such as `7d`. @throws Error for one of another form */
export function secondsOf(time: string): number {
  const [, count, unit = ''] = /^(\d+)([smhd])$/.exec(time) ?? []
  if (count === undefined) throw new Error(`Not a time: ${time}`)
  return Number(count) * (UNITS[unit] ?? 0)
}
