import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { SandboxOptions } from '@change-actions/sandbox'
import type { CallName, Calls, Message } from './messages.ts'

/** A sandbox in a process of its own, so that its work is not counted as ours. */
export interface Instance {
  readonly url: string
  ask<K extends CallName>(call: K, ...argument: Argument<K>): Promise<ReturnType<Calls[K]>>
  stop(): Promise<void>
}

type Argument<K extends CallName> = undefined extends Parameters<Calls[K]>[0]
  ? []
  : [argument: Parameters<Calls[K]>[0]]

interface Pending {
  resolve(answer: unknown): void
  reject(error: Error): void
}

export async function startInstance(options: Omit<SandboxOptions, 'now'> = {}): Promise<Instance> {
  const child = fork(join(import.meta.dirname, 'child.ts'), [JSON.stringify(options)])
  const pending = new Map<number, Pending>()
  const ready = new Promise<string>((resolve, reject) => {
    child.on('message', (message: Message) => {
      if ('ready' in message) resolve(message.ready)
      else settle(pending, message)
    })
    child.once('exit', code => {
      const error = new Error(`the sandbox ended with ${code}`)
      reject(error)
      for (const one of pending.values()) one.reject(error)
    })
  })
  let asked = 0
  return {
    url: await ready,
    ask: (call, ...[argument]) =>
      new Promise((resolve, reject) => {
        asked += 1
        pending.set(asked, { resolve: answer => resolve(answer as never), reject })
        child.send({ id: asked, call, argument })
      }),
    stop: async () => {
      const ended = once(child, 'exit')
      child.disconnect()
      await ended
    }
  }
}

function settle(pending: Map<number, Pending>, message: Exclude<Message, { ready: string }>): void {
  const waiting = pending.get(message.id)
  pending.delete(message.id)
  if (message.error === undefined) waiting?.resolve(message.answer)
  else waiting?.reject(new Error(message.error))
}

/** Runs something against an instance that is gone afterwards. */
export async function withInstance<T>(
  options: Omit<SandboxOptions, 'now'>,
  use: (instance: Instance) => Promise<T>
): Promise<T> {
  const instance = await startInstance(options)
  try {
    return await use(instance)
  } finally {
    await instance.stop()
  }
}
