/** What happens in the week that the dashboard shows: when which team deploys, and how it ends. Chosen, and always the same. */

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** The end of the week: a Tuesday. */
export const END = Date.UTC(2026, 10, 3, 15, 30)
export const START = END - 7 * DAY_MS

/** What is to happen in one run. */
export type Kind =
  /** The change is approved and the deployment works, or fails, or is cancelled. */
  | 'success'
  | 'failure'
  | 'cancelled'
  /** The change is rejected. */
  | 'rejected'
  /** No change can be created. */
  | 'refused'
  /** It still waits for its approval when the week ends. */
  | 'waiting'
  /** The connection check of a schedule. */
  | 'check'
  /** Deployments are held at GitHub, and resume-deployments looks at their changes. */
  | 'held'

/** Where a workflow deploys to. */
export interface Target {
  readonly repository: string
  readonly environment: 'production' | 'staging'
}

/** One run of a workflow. */
export interface Planned {
  readonly kind: Kind
  readonly target: Target
  /** Epoch milliseconds. */
  readonly at: number
  /** From the request for approval to the decision. */
  readonly decidedAfterMs: number
  /** How much slower than usual the instance responds. */
  readonly slowness: number
  /** Requests that fail with 503 at first. */
  readonly unavailable: number
}

const SHOP: Target = { repository: 'acme/shop', environment: 'production' }
const BILLING: Target = { repository: 'acme/billing', environment: 'production' }
const SEARCH: Target = { repository: 'acme/search', environment: 'staging' }
const TARGETS = [SHOP, BILLING, SEARCH] as const

/** An afternoon on which the instance has problems. */
const INCIDENT = { from: START + 2 * DAY_MS, to: START + 2 * DAY_MS + 3 * HOUR_MS }

/** A run of each kind: what the steps send in a week differs from it in numbers alone. */
export function oneOfEach(): Planned[] {
  const kinds: readonly Kind[] = [
    'success',
    'failure',
    'cancelled',
    'rejected',
    'refused',
    'waiting',
    'check',
    'held'
  ]
  // A rejection is an alert for a quarter of an hour.
  const at = END - 20 * MINUTE_MS
  return kinds.map(kind => ({
    kind,
    target: SHOP,
    at,
    decidedAfterMs: 8 * MINUTE_MS,
    slowness: 1,
    unavailable: kind === 'check' ? 1 : 0
  }))
}

/** The runs of the week in the order of their start. Working hours are from 7 to 18 o'clock, UTC. */
export function plannedWeek(): Planned[] {
  const random = numbers(20_261_103)
  const planned: Planned[] = []
  for (let hour = START; hour < END - HOUR_MS; hour += HOUR_MS) {
    const checks = new Date(hour).getUTCHours() % 6 === 0
    if (checks) planned.push(run('check', hour + 5 * MINUTE_MS, random))
    for (let left = deploymentsIn(hour, random); left > 0; left--)
      planned.push(run(kindOf(random()), hour + Math.floor(random() * HOUR_MS), random))
  }
  return [...planned, ...lastHours(random)].sort((one, other) => one.at - other.at)
}

function deploymentsIn(hour: number, random: () => number): number {
  const date = new Date(hour)
  const isWeekend = [0, 6].includes(date.getUTCDay())
  const isDay = date.getUTCHours() >= 7 && date.getUTCHours() < 18
  if (!isDay) return random() < 0.08 ? 1 : 0
  if (isWeekend) return random() < 0.3 ? 1 : 0
  return 2 + Math.floor(random() * 2)
}

function kindOf(chance: number): Kind {
  if (chance < 0.06) return 'rejected'
  if (chance < 0.12) return 'failure'
  return chance < 0.15 ? 'cancelled' : 'success'
}

/** What is under way, or was just now, when the week ends. */
function lastHours(random: () => number): Planned[] {
  const one = (kind: Kind, target: Target, minutesAgo: number, more: Partial<Planned> = {}): Planned => ({
    ...run(kind, END - minutesAgo * MINUTE_MS, random),
    target,
    unavailable: 0,
    ...more
  })
  return [
    one('waiting', SHOP, 74),
    one('waiting', BILLING, 41),
    one('waiting', SEARCH, 12),
    one('refused', BILLING, 30 * 60),
    one('rejected', SEARCH, 16, { decidedAfterMs: 8 * MINUTE_MS }),
    one('held', SHOP, 48)
  ]
}

function run(kind: Kind, at: number, random: () => number): Planned {
  const isIncident = at >= INCIDENT.from && at < INCIDENT.to
  const target = TARGETS[Math.floor(random() * TARGETS.length)] ?? SHOP
  return {
    kind,
    target,
    at,
    decidedAfterMs: Math.round((target.environment === 'staging' ? 4 : 22) * MINUTE_MS * skewed(random)),
    slowness: (isIncident ? 5 : 1) * skewed(random),
    unavailable: isIncident ? 3 : random() < 0.12 ? 1 : 0
  }
}

/** About 1; now and then three times that, or a third. */
function skewed(random: () => number): number {
  return 3 ** (random() + random() - 1)
}

/** Numbers from 0 to 1 that are the same each time: "mulberry32". */
export function numbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
