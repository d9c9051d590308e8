/**
 * The way of sweeps to GitHub. Each sweep has a proxy of its own, which can be cut, and a time of its own, which passes
 * while it sleeps and by the latency of its requests. One request passes at a time, the earliest first: the order of
 * requests is that of the seed.
 */
import { createServer, type IncomingMessage, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

/** The end of a sweep that is killed: nothing of it passes from this request on, counted from 1. */
export interface Cut {
  readonly request: number
  /** Whether GitHub still carries this request out. */
  readonly carriedOut: boolean
}

/** Time, in epoch milliseconds. */
export interface PlayClock {
  time: number
}

/** The proxy of one sweep. */
export interface SweepProxy {
  readonly url: string
  /** The time of the sweep, in epoch milliseconds. */
  now(): number
  /** @throws Error when the sweep has been cut: nothing of it goes on */
  sleep(ms: number): Promise<void>
  /** Whether it has been cut. */
  isCut(): boolean
  /** The sweep is over. */
  close(): Promise<void>
}

export interface Turns {
  /** Milliseconds that a request takes. */
  latency(): number
  /** Called before each request that passes; what it does happens between two requests of the sweeps. */
  before(): Promise<void>
  /** Called after each request that GitHub received. */
  after(): void
}

export class SweepProxies {
  readonly #target: URL
  readonly #clock: PlayClock
  readonly #turns: Turns
  readonly #open = new Set<SweepProxy>()
  readonly #waiting: { readonly proxy: SweepProxy; pass(): Promise<void> }[] = []
  #isBusy = false

  /**
   * @param target the address of GitHub's API
   * @param clock of GitHub and ServiceNow: it follows the sweep whose request passes
   */
  constructor(target: string, clock: PlayClock, turns: Turns) {
    this.#target = new URL(target)
    this.#clock = clock
    this.#turns = turns
  }

  /** Sweeps that run. */
  get running(): number {
    return this.#open.size
  }

  async open(cut?: Cut): Promise<SweepProxy> {
    let count = 0
    let isCut = false
    let time = this.#clock.time
    const server = createServer(async (incoming, outgoing) => {
      const body = await buffer(incoming)
      time += this.#turns.latency()
      await this.#turn(proxy, async () => {
        this.#clock.time = Math.max(this.#clock.time, time)
        count += 1
        const isLast = count === cut?.request
        if (isLast) isCut = true
        const response = isCut && !(isLast && cut?.carriedOut) ? undefined : await this.#send(incoming, body)
        if (response === undefined || isCut) incoming.socket.destroy()
        else outgoing.writeHead(response.status, ownLinks(response.headers)).end(response.body)
      })
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    // Further pages are asked for at the proxy, too.
    const ownLinks = ({ link, ...headers }: IncomingMessage['headers']) =>
      link === undefined ? headers : { ...headers, link: String(link).replaceAll(this.#target.origin, url) }
    const proxy: SweepProxy = {
      url,
      now: () => time,
      sleep: async ms => {
        if (isCut) throw new Error('the sweep was killed')
        time += ms
      },
      isCut: () => isCut,
      close: async () => {
        this.#open.delete(proxy)
        this.#clock.time = Math.max(this.#clock.time, time)
        await new Promise<void>(resolve => {
          server.close(() => resolve())
          server.closeAllConnections()
        })
        await this.#next()
      }
    }
    this.#open.add(proxy)
    return proxy
  }

  /** Resolves when the request has passed. */
  #turn(proxy: SweepProxy, pass: () => Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ proxy, pass: () => pass().then(resolve, reject) })
      void this.#next()
    })
  }

  /** Lets one request pass once every sweep that runs waits with one. */
  async #next(): Promise<void> {
    if (this.#isBusy || this.#waiting.length === 0 || this.#waiting.length < this.#open.size) return
    this.#isBusy = true
    await this.#turns.before()
    // Another sweep may have begun: its first request is waited for.
    if (this.#waiting.length >= this.#open.size) {
      this.#waiting.sort((one, other) => one.proxy.now() - other.proxy.now())
      await this.#waiting.shift()?.pass()
    }
    this.#isBusy = false
    await this.#next()
  }

  /** Undefined where GitHub cuts the connection. */
  async #send(
    { method = 'GET', url = '', headers }: IncomingMessage,
    body: Buffer
  ): Promise<{ status: number; headers: IncomingMessage['headers']; body: Buffer } | undefined> {
    try {
      const { hostname, port } = this.#target
      const onward = request({ hostname, port, path: url, method, headers })
      const response = await new Promise<IncomingMessage>((resolve, reject) => {
        onward.on('response', resolve).on('error', reject).end(body)
      })
      const content = await buffer(response)
      const { 'transfer-encoding': _, ...rest } = response.headers
      return { status: response.statusCode ?? 0, headers: rest, body: content }
    } catch {
      return undefined
    } finally {
      this.#turns.after()
    }
  }
}
