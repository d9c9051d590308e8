import type { HttpRequest } from '../server/request.ts'
import type { Fault, FaultEffect, FaultSpec } from './spec.ts'

interface InjectedFault {
  readonly id: number
  readonly spec: FaultSpec
  /** Requests that matched the target. */
  matches: number
  /** Requests that the fault affected. */
  hits: number
}

/** A fault as the control page lists it. */
export interface ListedFault {
  readonly id: number
  readonly spec: FaultSpec
  /** Requests affected so far. */
  readonly hits: number
}

/** The faults of one request: added latency, and one other effect at most. */
export interface MatchedFaults {
  readonly latencyMs: number
  readonly effect?: FaultEffect
}

function matchesTarget({ method, path }: FaultSpec, request: HttpRequest): boolean {
  if (method !== undefined && method.toUpperCase() !== request.method) return false
  if (path === undefined) return true
  // A new expression each time: `test` on one with the `g` flag starts where the last match ended.
  return typeof path === 'string' ? request.target.includes(path) : new RegExp(path).test(request.target)
}

function isActive(fault: InjectedFault): boolean {
  const { nth = 1, times = 1 } = fault.spec
  return fault.matches >= nth && fault.matches < nth + times
}

/** The faults injected into an instance, in the order they were added. */
export class Faults {
  #injected: InjectedFault[] = []
  #added = 0

  /** The handle counts the requests that were affected and removes the fault. */
  add(spec: FaultSpec): Fault {
    this.#added += 1
    const fault: InjectedFault = { id: this.#added, spec, matches: 0, hits: 0 }
    this.#injected.push(fault)
    return {
      get hits() {
        return fault.hits
      },
      remove: () => this.remove(fault.id)
    }
  }

  /** The injected faults, in the order they were added. */
  list(): readonly ListedFault[] {
    return this.#injected.map(({ id, spec, hits }) => ({ id, spec, hits }))
  }

  /** Removes one fault, or every fault. */
  remove(id?: number): void {
    this.#injected = id === undefined ? [] : this.#injected.filter(one => one.id !== id)
  }

  /** Counts the request for every fault. The first active effect applies; latencies add up. */
  match(request: HttpRequest): MatchedFaults {
    let latencyMs = 0
    let effect: FaultEffect | undefined
    for (const fault of this.#injected) {
      if (!matchesTarget(fault.spec, request)) continue
      fault.matches += 1
      if (!isActive(fault)) continue
      if (fault.spec.kind === 'latency') latencyMs += fault.spec.ms
      else if (effect) continue
      else effect = fault.spec
      fault.hits += 1
    }
    return { latencyMs, ...(effect && { effect }) }
  }
}
