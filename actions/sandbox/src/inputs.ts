import {
  field,
  integer,
  notThis,
  oneOf,
  parseDuration,
  Refusal,
  text,
  type Values
} from '@change-actions/github-actions'

export const inputs = {
  port: integer({ default: 0, min: 0, max: 65_535 }),
  approveAfter: field({ kind: 'duration' }, given => (given === undefined ? undefined : toDelay(given))),
  stateFile: text(),
  seed: oneOf(['change', 'stock'], { default: 'change' })
} as const

export type SandboxInputs = Values<typeof inputs>

/** Milliseconds. */
function toDelay(given: string): number {
  const delay = parseDuration(given)
  if (delay !== undefined) return delay
  throw new Refusal(`must be a duration such as \`30s\` or \`2m\`${notThis(given, {})}`)
}
