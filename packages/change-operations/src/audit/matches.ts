/** Which changes may belong to a deployment: those that are bound to its run, or that a note of its run names. */
import type { BoundChange } from '../bound/bound-changes.ts'
import type { NotedRun } from '../bound/noted-runs.ts'
import { type BoundRepository, isOfEnvironment } from '../bound/repository-scopes.ts'

/** What tells deployments of one run and environment from others. */
export interface Place {
  readonly repository: BoundRepository
  readonly environment: string
  readonly runId: string
}

interface Named {
  readonly bound: BoundChange
  readonly scope: string
}

/** Changes by the runs that they name. */
export class Matches {
  private readonly byRun = new Map<string, Named[]>()

  constructor(changes: readonly BoundChange[]) {
    for (const bound of changes) this.add(bound, bound.binding.runId, bound.binding.scope)
  }

  addNoted(runs: readonly NotedRun[]): void {
    for (const { bound, runId, scope } of runs) this.add(bound, runId, scope)
  }

  /** Each change once. */
  of({ repository, environment, runId }: Place): readonly BoundChange[] {
    const named = this.byRun.get(keyOf(repository, runId)) ?? []
    const found = named.filter(({ scope }) => isOfEnvironment(scope, repository, environment))
    return [...new Set(found.map(({ bound }) => bound))]
  }

  private add(bound: BoundChange, runId: string, scope: string): void {
    const key = keyOf(bound.repository, runId)
    this.byRun.set(key, [...(this.byRun.get(key) ?? []), { bound, scope }])
  }
}

function keyOf({ server, repository }: BoundRepository, runId: string): string {
  return JSON.stringify([server, repository.toLowerCase(), runId])
}
