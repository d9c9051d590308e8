import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { SandboxOptions } from '@change-actions/sandbox'
import type { CallMessage, CallName, Calls, ResultMessage } from './messages.ts'

/** A sandbox in a process of its own, so that its time and memory are not measured with the actions. */
export interface Instance {
  readonly url: string
  /** Runs a call in that process. @throws Error when the call fails or the process ends */
  call<K extends CallName>(name: K, ...argument: Argument<K>): Promise<ReturnType<Calls[K]>>
  stop(): Promise<void>
}

type Argument<K extends CallName> = undefined extends Parameters<Calls[K]>[0]
  ? []
  : [argument: Parameters<Calls[K]>[0]]

interface PendingCall {
  resolve(result: unknown): void
  reject(error: Error): void
}

type Options = Omit<SandboxOptions, 'now'>

/** @throws Error when the process ends before the sandbox is ready */
async function startInstance(options: Options): Promise<Instance> {
  const child = fork(join(import.meta.dirname, 'child.ts'), [JSON.stringify(options)])
  const pending = new Map<number, PendingCall>()
  const ready = new Promise<string>((resolve, reject) => {
    child.on('message', (message: ResultMessage) => {
      if ('ready' in message) resolve(message.ready)
      else settle(pending, message)
    })
    child.once('exit', code => {
      const error = new Error(`The sandbox ended with exit code ${code}.`)
      reject(error)
      for (const one of pending.values()) one.reject(error)
    })
  })
  let calls = 0
  return {
    url: await ready,
    call: (name, ...[argument]) =>
      new Promise((resolve, reject) => {
        calls += 1
        pending.set(calls, { resolve: result => resolve(result as never), reject })
        child.send({ id: calls, call: name, argument } satisfies CallMessage)
      }),
    stop: async () => {
      const ended = once(child, 'exit')
      child.disconnect()
      await ended
    }
  }
}

function settle(pending: Map<number, PendingCall>, message: Exclude<ResultMessage, { ready: string }>): void {
  const call = pending.get(message.id)
  pending.delete(message.id)
  if (message.error === undefined) call?.resolve(message.result)
  else call?.reject(new Error(message.error))
}

/** Starts an instance, runs `use`, and stops the instance. */
export async function withInstance<T>(options: Options, use: (instance: Instance) => Promise<T>): Promise<T> {
  const instance = await startInstance(options)
  try {
    return await use(instance)
  } finally {
    await instance.stop()
  }
}
