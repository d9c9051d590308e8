import type { Cell } from './fake-records.ts'

/** A journal of work notes as it is displayed, newest first. @param markers the ends of its notes, oldest first */
export function journal(...markers: string[]): Cell {
  const entries = markers.map(
    one => `2026-11-21 12:00:00 - gha (Work notes)\nDeployment started.\n${one}\n\n`
  )
  return ['', entries.toReversed().join('')]
}
