/** Many jobs of one deployment create its change at once: in the end there is one. */
import { isOnFiles } from './invariants.ts'
import { type ChangeRecord, doubles, recordOf } from './record.ts'
import type { Scenario } from './scenario.ts'
import { type Run, World } from './world.ts'

export interface Race {
  readonly name: string
  readonly jobs: number
  readonly wrong: readonly string[]
  readonly log: string
}

/** Twenty processes on two cores are slow for reasons of their own. */
const PATIENT = { 'request-timeout': '20s' }

/** All jobs start together, each of a run of its own, and share the identity alone. */
export async function race(scenario: Scenario, workspace: string, jobs: number): Promise<Race> {
  const world = await World.open(scenario, workspace)
  try {
    const runs = await Promise.all(
      Array.from({ length: jobs }, (_, n) =>
        world.run({
          inputs: { ...PATIENT, 'correlation-id': 'race', 'work-notes': '' },
          env: { GITHUB_RUN_ID: String(2_000 + n), GITHUB_JOB: `deploy-${n}` }
        })
      )
    )
    const wrong = faultsOf(scenario, recordOf(world.sandbox), runs)
    const name = `${scenario.name} (${scenario.api} API)`
    return { name, jobs, wrong, log: runs.map((run, n) => `── job ${n}\n${run.log}`).join('\n') }
  } finally {
    await world.close()
  }
}

function faultsOf(scenario: Scenario, record: readonly ChangeRecord[], runs: readonly Run[]): string[] {
  const failed = runs.filter(run => run.code !== 0)
  const open = record.filter(change => change.fields.state !== '4')
  const [winner] = open
  if (open.length !== 1 || winner === undefined) return [`${open.length} changes are open, not one`]
  const number = winner.fields.number ?? ''
  const duplicates = record.filter(change => change !== winner)
  const reported = new Set(runs.map(run => run.outputs['change-number']))
  const creators = runs.filter(run => run.outputs.created === 'true').length
  const exported = runs.filter(run => run.env.SERVICENOW_CHANGE_NUMBER !== number).length
  return [
    ...(failed.length === 0 ? [] : [`${failed.length} jobs failed`]),
    // Runs that lost say that they use the winner's change: only the number that one run writes is known.
    ...([3, 4].some(length => scenario.isDone([{ ...winner, notes: Array<string>(length).fill('note') }]))
      ? []
      : ['the change left is not as it is to be']),
    ...(reported.size === 1 && reported.has(number) ? [] : [`the jobs report ${[...reported].join(', ')}`]),
    ...(creators === 1 ? [] : [`${creators} jobs say that they created it`]),
    ...(exported === 0 ? [] : [`${exported} jobs hand another change on to their later steps`]),
    ...(winner.attachments.length === 1 ? [] : [`it has ${winner.attachments.length} attachments, not one`]),
    ...duplicates.flatMap(({ fields, notes }) => {
      // Beside the note of its creation, and that on its files, if it was the quicker one there.
      const others = notes.filter(note => !isOnFiles(note) && !note.startsWith('This change is bound to:'))
      const isNamed = others.length === 1 && others[0]?.includes(number)
      return isNamed ? [] : [`${fields.number} is cancelled with the notes ${JSON.stringify(notes)}`]
    }),
    ...doubles(record)
  ]
}
