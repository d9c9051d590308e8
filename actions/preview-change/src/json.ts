/** The output `preview`. */
import type { OtherChanges, PreviewedName } from '@change-actions/change-operations'
import { policyName } from '@change-actions/github-actions/policy'
import { inputOf } from './preview.ts'
import { type EnvironmentPreview, mistakesOf, namesOf, type Preview } from './types.ts'

type Json = Readonly<Record<string, unknown>>

export function jsonOf(preview: Preview, changeUrl: (sysId: string) => string): Json {
  const { policy, environments } = preview
  return {
    policy: policy === undefined ? '' : policyName(policy),
    problems: mistakesOf(preview).length + namesOf(preview).length,
    mistakes: mistakesOf(preview),
    environments: environments.map(one => environmentOf(one, changeUrl))
  }
}

function environmentOf(one: EnvironmentPreview, changeUrl: (sysId: string) => string): Json {
  const { environment, kind } = one
  if (one.kind === 'free') return { environment, outcome: kind, reason: one.why }
  if (one.kind === 'refused') return { environment, outcome: kind, problems: one.problems }
  const { start, end, names, others } = one.change
  return {
    environment,
    outcome: kind,
    title: one.title,
    type: one.type ?? '',
    names: names.map(nameOf),
    'planned-start': timeOf(start),
    'planned-end': timeOf(end),
    ...conflictsOf(others, changeUrl),
    'check-conflicts': one.checkConflicts,
    enforced: one.enforced,
    open: one.open,
    problems: one.problems.map(({ input, text, fix }) => `${input}: ${text} Fix: ${fix}.`)
  }
}

function nameOf({ field, given, display, value, checked, problem }: PreviewedName): Json {
  const found = problem === undefined ? (checked ? 'yes' : 'unknown') : 'no'
  return { input: inputOf(field), given, name: display, value: value ?? '', found }
}

function timeOf(at: number | undefined): string {
  return at === undefined ? '' : new Date(at).toISOString().replace(/\.\d+/, '')
}

/** Absent where they cannot be told: no list is not an empty one. */
function conflictsOf(others: OtherChanges, changeUrl: (sysId: string) => string): Json {
  if (others.kind !== 'read') return { 'conflicts-known': false }
  const conflicts = others.changes.map(one => ({
    change: one.number,
    title: one.fields.short_description?.value ?? '',
    'planned-start': timeOf(one.plannedStart),
    'planned-end': timeOf(one.plannedEnd),
    url: changeUrl(one.sysId)
  }))
  return { 'conflicts-known': !others.hidden, conflicts }
}
