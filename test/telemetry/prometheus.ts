/** A real Prometheus. */
import { join } from 'node:path'
import { freePort, get, isUp, program, start } from './processes.ts'

/** A value with its labels. */
export interface Value {
  readonly metric: Readonly<Record<string, string>>
  readonly value: readonly [number, string]
}

/** Values in the course of time: pairs of epoch seconds and a value. */
export interface Course {
  readonly metric: Readonly<Record<string, string>>
  readonly values: readonly (readonly [number, string])[]
}

export interface Alert {
  readonly state: 'firing' | 'pending'
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
}

export interface Prometheus {
  readonly url: string
  alerts(): Promise<readonly Alert[]>
  /** An instant query. @param at epoch seconds; now when absent */
  query(expression: string, at?: number): Promise<readonly Value[]>
  /** All in epoch seconds or seconds. */
  queryRange(expression: string, from: number, to: number, step: number): Promise<readonly Course[]>
  stop(): Promise<void>
}

/**
 * @param folder in which it keeps its data, in `data`
 * @param configuration path of its configuration
 * @throws Error that says what is missing, or what the process wrote that did not start
 */
export async function startPrometheus(folder: string, configuration: string): Promise<Prometheus> {
  const port = await freePort()
  const prometheus = start(program('PROMETHEUS', 'prometheus', 'install the package prometheus'), [
    `--config.file=${configuration}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`
  ])
  const url = `http://127.0.0.1:${port}`
  try {
    await isUp(`${url}/-/ready`, prometheus)
  } catch (error) {
    await prometheus.stop()
    throw error
  }
  const ask = async <T>(path: string, parameters: Readonly<Record<string, string | number>> = {}) => {
    const values = Object.entries(parameters).map(([name, value]): [string, string] => [name, String(value)])
    return await get<T>(`${url}/api/v1/${path}?${new URLSearchParams(values)}`)
  }
  return {
    url,
    alerts: async () => (await ask<{ alerts: Alert[] }>('alerts')).alerts,
    async query(query, at) {
      const time = at === undefined ? {} : { time: at }
      return (await ask<{ result: Value[] }>('query', { query, ...time })).result
    },
    async queryRange(query, from, to, step) {
      const range = { start: from, end: to, step }
      return (await ask<{ result: Course[] }>('query_range', { query, ...range })).result
    },
    stop: prometheus.stop
  }
}
