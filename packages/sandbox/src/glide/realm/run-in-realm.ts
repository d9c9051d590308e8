import { createContext, Script } from 'node:vm'
import { realmProgram } from './source.ts'
import type { Outcome, Task } from './types.ts'

let program: Script | undefined

/** The outcome of a run that took too long. */
export function timedOut(task: Task, limitMs: number): Outcome {
  const message = `Script "${task.name}" was stopped: it ran for more than ${limitMs} ms.`
  return { error: { message, stack: message } }
}

/**
 * Runs a task in this thread, which waits for it.
 * @param bridge see {@link Bridge}; every response must be there at once
 * @param limitMs real time
 */
export function runHere(
  task: Task,
  bridge: (operation: string, json: string) => string,
  limitMs: number
): Outcome {
  program ??= new Script(realmProgram(), { filename: 'glide.js' })
  const context = createContext(
    Object.assign(Object.create(null), { $bridge: bridge, $task: JSON.stringify(task) })
  )
  try {
    return JSON.parse(program.runInContext(context, { timeout: limitMs })) as Outcome
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT')
      return timedOut(task, limitMs)
    throw error
  }
}
