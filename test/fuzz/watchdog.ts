/** Ends the process when one input takes so long that nothing in the process would notice. */
import { Worker } from 'node:worker_threads'

/** How long an input may keep the process busy. It is a hang then, however busy the machine. */
const MAX_MS = 30_000

const WATCH = `
const { workerData, parentPort } = require('node:worker_threads')
let name = ''
let since = Date.now()
parentPort.on('message', text => { name = text })
let seen = -1
setInterval(() => {
  const count = Atomics.load(workerData.counter, 0)
  if (count !== seen) { seen = count; since = Date.now() }
  if (Date.now() - since < workerData.max) return
  require('node:fs').writeSync(1, 'hangs after ' + Buffer.from(workerData.text).toString('utf8').replace(/\\0+$/, '') + '\\n')
  process.kill(process.pid, 'SIGKILL')
}, 500)
`

export interface Watchdog {
  /** @param name how to make the input again */
  begin(name: string): void
  end(): void
}

export function startWatchdog(): Watchdog {
  const counter = new Int32Array(new SharedArrayBuffer(4))
  const text = new Uint8Array(new SharedArrayBuffer(400))
  const worker = new Worker(WATCH, { eval: true, workerData: { counter, text, max: MAX_MS } })
  worker.unref()
  const encoder = new TextEncoder()
  return {
    begin(name) {
      text.fill(0)
      encoder.encodeInto(name, text)
      Atomics.add(counter, 0, 1)
    },
    end: () => void worker.terminate()
  }
}
