import type { Flow } from '@change-actions/change-operations'
import { createClient, parseInstance, type ServiceNowClient } from '@change-actions/servicenow-client'
import { VERSION } from '../product.ts'
import type { Step } from '../step/run-step.ts'
import { type ConnectionValues, readCredentials, readPem } from './connection-inputs.ts'

interface Settings extends ConnectionValues {
  readonly api: 'change-management' | 'table'
  readonly requestTimeout: number
  readonly maxRetries: number
  readonly dryRun: boolean
}

export interface Connection {
  readonly client: ServiceNowClient
  readonly flow: Flow
  /** What a dry run would have written, in order. */
  readonly plans: readonly string[]
}

/** A client and a flow for one step. Nothing is sent before they are used. */
export function connect(step: Step<Settings>): Connection {
  const { inputs, env } = step
  const { credentials } = readCredentials(inputs, env)
  if (credentials === undefined || inputs.instance === undefined)
    throw new Error('connect() needs checked inputs')
  const plans: string[] = []
  const client = createClient({
    instance: parseInstance(inputs.instance),
    credentials,
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
    onAttempt: event =>
      step.log.debug(
        `${event.method} ${event.path} → ${event.status} in ${event.ms} ms (attempt ${event.attempt})`
      ),
    onRetry: event =>
      step.log.info(
        `Attempt ${event.attempt} of ${event.of} failed while ${event.doing} (${event.error.title}). Next in ${(event.pauseMs / 1000).toFixed(1)} s.`
      )
  })
  return {
    client,
    plans,
    flow: {
      client,
      report: reportOf(step, plans),
      now: step.now,
      sleep: ms => step.sleep(ms, step.signal),
      random: Math.random,
      dryRun: inputs.dryRun
    }
  }
}

function reportOf(step: Step<Settings>, plans: string[]): Flow['report'] {
  return {
    info: text => step.log.info(text),
    warning: text => step.log.warning(text),
    notice: text => step.log.notice(text),
    plan: text => {
      plans.push(text)
      step.log.info(`Dry run: would ${text}.`)
    }
  }
}

function tlsOf(step: Step<Settings>, inputs: Settings) {
  const pem = (value: string | undefined) => (value === undefined ? undefined : readPem(value))
  const key = pem(inputs.clientKey)
  if (key !== undefined) step.mask(key)
  return {
    ca: pem(inputs.caCertificate),
    cert: pem(inputs.clientCertificate),
    key,
    passphrase: inputs.clientKeyPassphrase
  }
}

/** For the instance's access log: product, version, repository and run. */
function userAgent(step: Step<Settings>): string {
  const { repository, runId } = step.runtime
  const about = [repository, runId === '' ? '' : `run ${runId}`].filter(Boolean).join('; ')
  const product = `change-actions-servicenow/${VERSION}`
  return about === '' ? product : `${product} (${about.replace(/[^\x20-\x7e]|[()]/g, '?')})`
}
