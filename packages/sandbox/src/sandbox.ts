import { createEngine } from './engine/create-engine.ts'
import type { Engine } from './engine/engine.ts'
import { keepState, loadState } from './engine/state-file.ts'
import { Faults } from './faults/faults.ts'
import { type Instance, type InstanceParts, instanceData } from './instance.ts'
import { Tokens } from './oauth/tokens.ts'
import { type SandboxOptions, type Settings, settingsFrom } from './options.ts'
import { Controls } from './pages/controls.ts'
import { Live } from './pages/live.ts'
import { Sessions } from './pages/sessions.ts'
import type { Site } from './pages/visit.ts'
import { provideCatalog } from './seed/catalog.ts'
import { seed } from './seed/seed.ts'
import { RateLimiter } from './server/rate-limit.ts'
import type { Reply } from './server/reply.ts'
import { type ReceivedRequest, requestFrom } from './server/request.ts'
import { RequestHandler } from './server/request-handler.ts'
import type { RequestRecord } from './server/request-record.ts'
import { startServer } from './server/server.ts'
import { Watchers } from './watchers.ts'

/** An instance that listens on loopback. */
export interface Sandbox extends Instance {
  /** `http://127.0.0.1:PORT` */
  readonly url: string
}

/** An instance without a server: a request is a value, and so is what its caller gets. */
export interface InProcessSandbox extends Instance {
  /** Processes a request as a server would. The host of its URL is not checked. */
  send(request: ReceivedRequest): Promise<Reply>
}

/** An engine with the data of the state file, or with the seed. */
function startEngine(settings: Settings): { engine: Engine; closeState: () => void } {
  const engine = createEngine(settings)
  provideCatalog(engine)
  const { stateFile } = settings
  if (stateFile === undefined || !loadState(engine, stateFile)) seed(engine)
  engine.scripts?.install()
  engine.store.files.removeAllExcept(new Set(engine.store.rows('sys_attachment').map(row => row.sys_id)))
  return { engine, closeState: stateFile === undefined ? () => {} : keepState(engine, stateFile) }
}

interface Started extends InstanceParts {
  readonly live: Live
  /** Stops the instance once; `close` ends what carries requests to it. */
  readonly stop: (close: () => Promise<void>) => Promise<void>
}

function startInstance(options: SandboxOptions): Started {
  const { engine, closeState } = startEngine(settingsFrom(options))
  const { now, tokenLifetimeSeconds, rateLimitPerMinute } = engine.settings
  const watchers = new Watchers()
  const live = new Live()
  engine.store.onWrite(() => {
    watchers.notify()
    live.changed('data')
  })
  const faults = new Faults()
  const controls = new Controls(engine, faults)
  const tokens = new Tokens(now, tokenLifetimeSeconds)
  const listeners = new Set<(request: RequestRecord) => void>()
  const requests = () => handler.requests
  const site: Site = { engine, faults, sessions: new Sessions(now), live, controls, requests }
  const handler: RequestHandler = new RequestHandler({
    app: { engine, tokens, limiter: new RateLimiter(rateLimitPerMinute, now), site },
    faults,
    onProgress: () => {
      watchers.notify()
      live.changed('requests')
    },
    onProcessed: request => {
      for (const listener of listeners) listener(request)
    }
  })
  let stopped: Promise<void> | undefined
  const stopOnce = async (close: () => Promise<void>) => {
    watchers.stop()
    handler.stop()
    await close()
    await engine.scripts?.stop()
    closeState()
    engine.jobs.stop()
    controls.close()
    engine.store.files.close()
  }
  const stop = (close: () => Promise<void>) => {
    stopped ??= stopOnce(close)
    return stopped
  }
  return { engine, handler, live, faults, tokens, watchers, listeners, stop }
}

/**
 * Starts a ServiceNow instance on loopback.
 * @throws Error for options that are not valid, a port in use, or a state file that cannot be read
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const instance = startInstance(options)
  const { engine, watchers } = instance
  const server = await startServer(engine, instance)
  const host = engine.settings.host === '::1' ? '[::1]' : engine.settings.host
  const sandbox: Sandbox = {
    ...instanceData(instance),
    url: `http://${host}:${server.port}`,
    waitFor: (probe, timeoutMs = 5000) => watchers.wait(() => probe(sandbox), timeoutMs),
    stop: () => instance.stop(() => server.stop())
  }
  return sandbox
}

/**
 * Creates a ServiceNow instance in this process. The options of the server have no effect.
 * @throws Error for options that are not valid, or a state file that cannot be read
 */
export function createSandbox(options: SandboxOptions = {}): InProcessSandbox {
  const instance = startInstance(options)
  const { handler, watchers } = instance
  const sandbox: InProcessSandbox = {
    ...instanceData(instance),
    send: request => handler.handle(requestFrom(request)),
    waitFor: (probe, timeoutMs = 5000) => watchers.wait(() => probe(sandbox), timeoutMs),
    stop: () => instance.stop(async () => {})
  }
  return sandbox
}
