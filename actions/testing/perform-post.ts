/** Runs the gate's post step in the process of the test. */
import { post } from '../gate/src/post.ts'
import type { Given, Performed, World } from './perform.ts'

/** What a main step leaves that had no change. */
export const NOTHING_SAVED = { gate: '{"version":3}' }

/** The post step of a main step, with the job's result. */
export async function performPost(
  { perform }: World,
  main: Pick<Performed, 'state'>,
  status: string,
  given: Given = {}
): Promise<Performed> {
  const done: Performed[] = []
  await post(
    async step => {
      const inputs = { 'job-status': status, ...given.inputs }
      done.push(await perform(step, { ...given, inputs, state: main.state }))
    },
    name => main.state[name] ?? ''
  )
  const [performed] = done
  if (performed === undefined) throw new Error('no step was started')
  return performed
}
