import { type StateEntry, stateMap } from '@change-actions/change-control'
import { type OperationContext, type PlannedWrite, withStates } from '@change-actions/change-operations'
import {
  type ApiName,
  createClient,
  parseApiPath,
  parseInstance,
  proxyOf,
  type ServiceNowClient
} from '@change-actions/servicenow-client'
import type { Source } from '../inputs/source.ts'
import { eventLine, plannedText } from '../messages/index.ts'
import { VERSION } from '../product.ts'
import type { StepTools } from '../step/run-step.ts'
import { type ConnectionValues, readCredentials, secretsOf } from './credentials.ts'
import { fetchIdentityToken } from './identity-token.ts'
import { type PemKind, readPem } from './pem.ts'
import { logRequests } from './request-log.ts'

/** The inputs that a connection is made of, checked. */
export interface ConnectionSettings extends ConnectionValues {
  readonly api: ApiName
  /** Milliseconds. */
  readonly requestTimeout: number
  readonly maxRetries: number
  readonly dryRun: boolean
  /** The states of the instance's own; undefined or none where it has the shipped ones alone. */
  readonly states?: readonly StateEntry[] | undefined
}

/** What is needed of a step. */
export type ConnectStep = StepTools & {
  readonly inputs: ConnectionSettings
  /** Where they came from; not known in a post step. */
  readonly sources?: Readonly<Record<string, Source>>
}

/** A step's connection to its instance. */
export interface Connection {
  readonly client: ServiceNowClient
  /** What operations work with: the client, and a listener that writes the log. */
  readonly context: OperationContext
  /** What a dry run would have written, in order, each to follow "would". */
  readonly plans: readonly string[]
  /** Adds to them what a step would do without an operation. */
  plan(write: PlannedWrite): void
}

/**
 * A client and what operations work with, for one step. Nothing is sent before they are used.
 *
 * @throws Error when the inputs were not checked before
 */
export function connect(step: ConnectStep): Connection {
  const { inputs } = step
  const { credentials } = readCredentials(inputs)
  if (credentials === undefined || inputs.instance === undefined)
    throw new Error('connect() needs checked inputs')
  tellPlace(step)
  maskProxy(step)
  for (const secret of secretsOf(credentials)) step.mask(secret)
  const plans: string[] = []
  const states = stateMap(inputs.states)
  const instance = parseInstance(inputs.instance)
  const log = logRequests(step.log)
  const direct = createClient({
    instance,
    apiPath: parseApiPath(inputs.apiPath ?? ''),
    credentials,
    identityToken: audience => fetchIdentityToken(audience, step),
    api: inputs.api,
    tls: tlsOf(step, inputs),
    userAgent: userAgent(step),
    requestTimeoutMs: inputs.requestTimeout,
    maxRetries: inputs.maxRetries,
    readOnly: inputs.dryRun,
    signal: step.signal,
    now: step.now,
    sleep: ms => step.sleep(ms, step.signal),
    random: Math.random,
    onSecret: secret => step.mask(secret),
    redact: step.redact,
    onEvent(event) {
      log(event)
      step.telemetry?.request(event, instance)
    }
  })
  const client = withStates(direct, states)
  const context: OperationContext = {
    client,
    states,
    emit(event) {
      if (event.type === 'planned') plans.push(plannedText(event.write))
      step.telemetry?.operation(event)
      const { level, text } = eventLine(event, sysId => client.changeUrl(sysId))
      step.log[level](text)
    },
    now: step.now,
    sleep: ms => step.sleep(ms, step.signal),
    random: Math.random,
    dryRun: inputs.dryRun
  }
  return { client, context, plans, plan: write => context.emit({ type: 'planned', write }) }
}

/** Another step of the job may have set the variables: the log shows where the requests go. */
function tellPlace({ inputs, sources, log }: ConnectStep): void {
  if (sources?.instance?.kind !== 'environment' || inputs.instance === undefined) return
  const address = `${parseInstance(inputs.instance)}${parseApiPath(inputs.apiPath ?? '')}`
  log.info(`The instance is ${address}, from the environment variable ${sources.instance.variable}.`)
}

/** A proxy that refuses may quote what it was sent. */
function maskProxy({ inputs, env, mask }: ConnectStep): void {
  const proxy = proxyOf(parseInstance(inputs.instance ?? ''), env)
  const { username, password } = proxy === '' ? { username: '', password: '' } : new URL(proxy)
  if (password === '') return
  const [user, secret] = [username, password].map(decodeURIComponent)
  mask(secret ?? '')
  mask(Buffer.from(`${user}:${secret}`).toString('base64'))
}

function tlsOf(step: ConnectStep, inputs: ConnectionSettings) {
  const pem = (value: string | undefined, kind: PemKind) => {
    const read = value === undefined ? undefined : readPem(value, kind)
    return read !== undefined && 'pem' in read ? read.pem : undefined
  }
  const key = pem(inputs.clientKey, 'private key')
  if (key !== undefined) step.mask(key)
  return {
    ca: pem(inputs.caCertificate, 'certificate'),
    cert: pem(inputs.clientCertificate, 'certificate'),
    key,
    passphrase: inputs.clientKeyPassphrase
  }
}

/** For the instance's access log: product, version, repository and run. */
function userAgent(step: ConnectStep): string {
  const { repository, runId } = step.runtime
  const about = [repository, runId === '' ? '' : `run ${runId}`].filter(Boolean).join('; ')
  const product = `change-actions-servicenow/${VERSION}`
  return about === '' ? product : `${product} (${about.replace(/[^\x20-\x7e]|[()]/g, '?')})`
}
