/** Whether the environments exist, carry our rule, and who may pass it. */
import {
  type EnvironmentFacts,
  environmentFacts,
  environmentNames,
  type RepositoryName
} from '@change-actions/github-api'
import { bad, type Finding, good, skipped } from './finding.ts'
import { attemptAt, fullName, type LatchCheck } from './latch-problem.ts'

const ENVIRONMENT = 'GitHub environment'
const RULE = 'Protection rule'
const ADMINS = 'Administrators'

/** With `rerun` environments are looked at only where they are named. */
export async function environmentRows(check: LatchCheck, name: RepositoryName): Promise<readonly Finding[]> {
  const wanted = check.environments
  if (check.latch === 'rerun' && wanted.length === 0) return []
  const place = fullName(name)
  const listed = await attemptAt(check, { check: ENVIRONMENT, place }, () =>
    environmentNames(check.github.octokit, name)
  )
  if ('row' in listed) return [listed.row]
  const there = listed.value
  const missing = wanted.filter(one => !there.some(other => isSame(one, other)))
  const found = there.filter(one => wanted.length === 0 || wanted.some(other => isSame(one, other)))
  const rows = [...missing.map(one => missingRow(place, one, there)), ...foundRow(check, place, found)]
  if (check.latch !== 'protection-rule') return rows
  const ofRules: Finding[] = []
  for (const environment of found) ofRules.push(...(await ruleRows(check, name, environment)))
  return [...rows, ...asOne(check, place, ofRules)]
}

/** GitHub's names of environments are compared without case. */
function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}

function missingRow(place: string, environment: string, there: readonly string[]): Finding {
  const known = there.length === 0 ? 'it has none' : `it has ${there.join(', ')}`
  return bad(
    ENVIRONMENT,
    'fail',
    `${place} has no environment ${environment}; ${known}`,
    'correct `environments`, or create it: GitHub creates an unknown environment without any protection when a job names it'
  )
}

function foundRow(
  { latch, environments }: LatchCheck,
  place: string,
  found: readonly string[]
): readonly Finding[] {
  if (found.length > 0) return [good(ENVIRONMENT, `${place}: ${found.join(', ')}`)]
  if (environments.length > 0) return []
  if (latch !== 'protection-rule') return [skipped(ENVIRONMENT, `${place} has no environment`)]
  return [
    bad(
      ENVIRONMENT,
      'fail',
      `${place} has no environment that could hold a deployment`,
      'create one (Settings, Environments), and enable the rule of the GitHub App in it'
    )
  ]
}

async function ruleRows(
  check: LatchCheck,
  name: RepositoryName,
  environment: string
): Promise<readonly Finding[]> {
  const place = `${fullName(name)}, ${environment}`
  const asked = await attemptAt(check, { check: RULE, place }, () =>
    environmentFacts(check.github.octokit, name, environment)
  )
  if ('row' in asked) return [asked.row]
  const rule = ruleRow(check, place, asked.value)
  return rule.result === 'ok' ? [rule, adminsRow(place, asked.value)] : [rule]
}

const ENABLE = 'Settings, Environments, Deployment protection rules'

function ruleRow({ owner }: LatchCheck, place: string, { apps, rules }: EnvironmentFacts): Finding {
  if (owner.kind !== 'app') {
    const names = apps.join(', ')
    return skipped(
      RULE,
      `${place}: ${names === '' ? 'no rule of an App' : `rules of ${names}`}; the token owns none`
    )
  }
  if (apps.some(app => isSame(app, owner.name)))
    return good(RULE, `${place}: the rule of ${owner.name} holds deployments`)
  const others = [...apps.map(app => `a rule of ${app}`), ...rules]
  const offered = `tick ${owner.name} there: ${ENABLE}. Where it is not offered, subscribe the App to the event "Deployment protection rule" (its webhook must be active for that); private repositories need GitHub Enterprise for it, else take \`latch: rerun\` or \`latch: dispatch\``
  return bad(
    RULE,
    'fail',
    others.length === 0
      ? `${place}: nothing protects it; a job that names it starts at once`
      : `${place}: ${owner.name} owns no rule there; it has ${others.join(', ')}`,
    offered
  )
}

function adminsRow(place: string, { adminsCanBypass }: EnvironmentFacts): Finding {
  if (adminsCanBypass === false) return good(ADMINS, `${place}: they cannot pass the rule`)
  if (adminsCanBypass === undefined)
    return skipped(ADMINS, `${place}: GitHub does not say whether they may pass the rule`)
  return bad(
    ADMINS,
    'warn',
    `${place}: they may pass the rule; the job that goes on still checks its change`,
    'switch "Allow administrators to bypass configured protection rules" off where they must not start deployments'
  )
}

/** Where no environment was named, one with the rule is enough, and the others are a warning. */
function asOne({ environments }: LatchCheck, place: string, rows: readonly Finding[]): readonly Finding[] {
  const isHeld = rows.some(row => row.check === RULE && row.result === 'ok')
  if (environments.length > 0 || !isHeld) return rows
  return rows.map(row =>
    row.check === RULE && row.result === 'fail'
      ? {
          ...row,
          result: 'warn',
          fix: `${row.fix}; or name those of ${place} that matter in \`environments\``
        }
      : row
  )
}
