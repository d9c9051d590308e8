import type { ServerResponse } from 'node:http'
import type { HttpRequest } from '../server/request.ts'

/** `data`: the records. `requests`: the log of requests, and the counts of faults. */
export type Topic = 'data' | 'requests'

const TOPICS: readonly Topic[] = ['data', 'requests']

const MAX_LISTENERS = 200

/** Tells open pages that something changed. A page then requests itself again. */
export class Live {
  /** How often each topic has changed. A page carries these numbers, so that no change between page and events is lost. */
  readonly versions: Record<Topic, number> = { data: 0, requests: 0 }
  readonly #outputs = new Set<ServerResponse>()
  readonly #due = new Set<Topic>()

  changed(topic: Topic): void {
    this.versions[topic] += 1
    if (this.#outputs.size === 0) return
    // One message for all changes of one iteration of the event loop.
    if (this.#due.size === 0) setImmediate(() => this.#send())
    this.#due.add(topic)
  }

  #send(): void {
    const text = [...this.#due].map(messageOf).join('')
    this.#due.clear()
    for (const output of this.#outputs) output.write(text)
  }

  /** Responds to `GET /events` with Server-Sent Events until the caller disconnects. */
  connect(request: HttpRequest, output: ServerResponse): void {
    if (this.#outputs.size >= MAX_LISTENERS) {
      output.writeHead(503, { 'Retry-After': '10' }).end()
      return
    }
    output.writeHead(200, {
      'Content-Type': 'text/event-stream',
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
      'Cross-Origin-Resource-Policy': 'same-origin'
    })
    const missed = TOPICS.filter(topic => {
      const seen = request.query.get(topic)
      return seen !== null && seen !== String(this.versions[topic])
    })
    output.write(`retry: 1000\n\n${missed.map(messageOf).join('')}`)
    this.#outputs.add(output)
    output.once('close', () => this.#outputs.delete(output))
  }
}

function messageOf(topic: Topic): string {
  return `data: ${topic}\n\n`
}
