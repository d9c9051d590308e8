/** The post step: stops the sandbox that the main step started. */
import { readFileSync } from 'node:fs'
import { runStep, type StepDefinition, type StepTools } from '@change-actions/github-actions'
import { SANDBOX_PID } from './state.ts'

const STOP_TIMEOUT_MS = 5_000
const POLL_MS = 25

export const postDefinition: StepDefinition<Record<never, never>> = {
  name: 'sandbox, post',
  inputs: {},
  partial: true,
  run: stop
}

/** Stops the sandbox. One that cannot be stopped is a warning: the result of the job is not its business. */
async function stop({ log, now, sleep, readState }: StepTools): Promise<void> {
  const pid = Number(readState(SANDBOX_PID))
  // 0 and negative numbers would be groups of processes.
  if (!Number.isSafeInteger(pid) || pid <= 1) return log.info('No sandbox was started.')
  if (!send(pid, 'SIGTERM')) return log.info('The sandbox had stopped before.')
  const deadline = now() + STOP_TIMEOUT_MS
  while (runs(pid) && now() < deadline) await sleep(POLL_MS)
  if (!runs(pid)) return log.info('The sandbox is stopped.')
  send(pid, 'SIGKILL')
  log.warning(`The sandbox did not stop within ${STOP_TIMEOUT_MS / 1000} s and was killed.`)
}

/** Whether there is such a process, and the signal was sent to it. */
function send(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal)
  } catch {
    return false
  }
}

/** Whether the process runs. In a container nobody may collect one that has ended: it is left as a zombie. */
function runs(pid: number): boolean {
  return send(pid, 0) && !isZombie(pid)
}

/** On Linux: the state follows the name, which is in parentheses (proc_pid_stat(5)). */
function isZombie(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat
      .slice(stat.lastIndexOf(')') + 1)
      .trimStart()
      .startsWith('Z')
  } catch {
    return false
  }
}

/** Starts the post step. */
export function post(): Promise<void> {
  return runStep(postDefinition)
}
