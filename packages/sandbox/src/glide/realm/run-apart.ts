import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads'
import { timedOut } from './run-in-realm.ts'
import { realmProgram } from './source.ts'
import type { Outcome, Task } from './types.ts'

interface WorkerData {
  readonly program: string
  readonly task: string
  readonly port: MessagePort
  readonly signal: Int32Array
}

/**
 * The thread of one script, as text: it waits for each response of the instance as a script on the platform does, while
 * the instance serves others. It uses nothing of this module.
 */
function worker(require: NodeJS.Require): void {
  const { workerData, receiveMessageOnPort } = require('node:worker_threads')
  const vm = require('node:vm')
  const { program, task, port, signal } = workerData as WorkerData
  const bridge = (operation: string, json: string) => {
    Atomics.store(signal, 0, 0)
    port.postMessage({ operation, json })
    Atomics.wait(signal, 0, 0)
    return receiveMessageOnPort(port).message
  }
  const context = vm.createContext(Object.assign(Object.create(null), { $bridge: bridge, $task: task }))
  port.postMessage({ outcome: vm.runInContext(program, context, { filename: 'glide.js' }) })
  port.close()
}

type Message = { readonly operation: string; readonly json: string } | { readonly outcome: string }

/** Runs of scripts in threads of their own. */
export class Threads {
  readonly #running = new Set<Worker>()

  /** Ends every run. */
  async stop(): Promise<void> {
    const threads = [...this.#running]
    this.#running.clear()
    await Promise.all(threads.map(thread => thread.terminate()))
  }

  /**
   * Runs a task in a thread of its own.
   * @param bridge responds now or later
   * @param limitMs real time, without that in which the bridge has still to respond
   */
  run(
    task: Task,
    bridge: (operation: string, json: string) => string | Promise<string>,
    limitMs: number
  ): Promise<Outcome> {
    const { port1: port, port2: theirs } = new MessageChannel()
    const signal = new Int32Array(new SharedArrayBuffer(4))
    const workerData: WorkerData = {
      program: realmProgram(),
      task: JSON.stringify(task),
      port: theirs,
      signal
    }
    const thread = new Worker(`(${worker})(require)`, {
      eval: true,
      workerData,
      transferList: [theirs],
      env: {},
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: 128 }
    })
    this.#running.add(thread)
    return new Promise<Outcome>(resolve => {
      let left = limitMs
      let since = performance.now()
      let timer: NodeJS.Timeout | undefined
      let started = false
      const end = (outcome: Outcome) => {
        clearTimeout(timer)
        port.close()
        this.#running.delete(thread)
        void thread.terminate()
        resolve(outcome)
      }
      const go = () => {
        started = true
        since = performance.now()
        timer = setTimeout(() => end(timedOut(task, limitMs)), left)
      }
      const respond = async ({ operation, json }: { operation: string; json: string }) => {
        clearTimeout(timer)
        if (started) left = Math.max(0, left - (performance.now() - since))
        started = true
        const response = await bridge(operation, json)
        if (!this.#running.has(thread)) return
        port.postMessage(response)
        Atomics.store(signal, 0, 1)
        Atomics.notify(signal, 0)
        go()
      }
      port.on('message', (message: Message) => {
        if ('outcome' in message) end(JSON.parse(message.outcome) as Outcome)
        else void respond(message)
      })
      const failed = (message: string) => end({ error: { message, stack: message } })
      thread.once('error', error => failed(`Script "${task.name}" ended: ${error.message}`))
      thread.once('exit', () => {
        // A thread that ends at once may be gone before its outcome is read.
        const last: Message | undefined = receiveMessageOnPort(port)?.message
        if (last && 'outcome' in last) end(JSON.parse(last.outcome) as Outcome)
        else failed(`Script "${task.name}" was stopped.`)
      })
      // The start of the thread is not the script's time.
      thread.once('online', () => {
        if (!started) go()
      })
    })
  }
}
