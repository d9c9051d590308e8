import type { Request } from '../server/request.ts'
import type { Fault, FaultEffect, FaultSpec } from './spec.ts'

interface Planted {
  readonly spec: FaultSpec
  seen: number
  hits: number
}

/** What strikes one request: added time, and at most one other effect. */
export interface Strike {
  readonly latencyMs: number
  readonly effect?: FaultEffect
}

function fits({ method, path }: FaultSpec, request: Request): boolean {
  if (method !== undefined && method.toUpperCase() !== request.method) return false
  if (path === undefined) return true
  // A fresh expression: a global one would remember where it stopped.
  return typeof path === 'string' ? request.target.includes(path) : new RegExp(path).test(request.target)
}

function strikes(planted: Planted): boolean {
  const { nth = 1, times = 1 } = planted.spec
  return planted.seen >= nth && planted.seen < nth + times
}

/** The faults injected into an instance, in the order they were planted. */
export class Faults {
  #planted: Planted[] = []

  add(spec: FaultSpec): Fault {
    const planted: Planted = { spec, seen: 0, hits: 0 }
    this.#planted.push(planted)
    return {
      get hits() {
        return planted.hits
      },
      remove: () => {
        this.#planted = this.#planted.filter(one => one !== planted)
      }
    }
  }

  /** Counts the request against every fault; the first that is due strikes, latency adds up. */
  strike(request: Request): Strike {
    let latencyMs = 0
    let effect: FaultEffect | undefined
    for (const planted of this.#planted) {
      if (!fits(planted.spec, request)) continue
      planted.seen += 1
      if (!strikes(planted)) continue
      if (planted.spec.kind === 'latency') latencyMs += planted.spec.ms
      else if (effect) continue
      else effect = planted.spec
      planted.hits += 1
    }
    return { latencyMs, ...(effect && { effect }) }
  }
}
