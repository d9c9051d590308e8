import type { Arguments, Operation } from './run-context.ts'
import { textOf } from './run-context.ts'

/** `glide.http.outbound.max_timeout`: what a script waits for a response at most, in milliseconds. */
const MAX_TIMEOUT_MS = 30_000

const LOOPBACK = new Set(['127.0.0.1', '[::1]', 'localhost'])

async function send(url: URL, args: Arguments) {
  const timeoutMs = Math.min(Number(args.timeoutMs) || MAX_TIMEOUT_MS, MAX_TIMEOUT_MS)
  const method = textOf(args, 'method')
  const body = textOf(args, 'body')
  try {
    const response = await fetch(url, {
      method,
      headers: { 'User-Agent': 'ServiceNow/1.0', ...(args.headers as Record<string, string>) },
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
      ...(body !== '' && method !== 'GET' && { body })
    })
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: await response.text()
    }
  } catch (error) {
    const { name, cause, message } = error as Error & { cause?: { code?: string; message?: string } }
    const reason =
      name === 'TimeoutError' ? `no response in ${timeoutMs} ms` : cause?.message || cause?.code || message
    throw new Error(`RESTMessageV2: the request to ${url.origin} failed: ${reason}`, { cause: error })
  }
}

/**
 * Sends a request of a script.
 * @throws Error when there is no response, for a host that is not allowed, and in a rule for which the person waits
 */
export const http: Operation = ({ engine, mayWait }, args) => {
  let url: URL
  try {
    url = new URL(textOf(args, 'url'))
  } catch {
    throw new Error(`RESTMessageV2: the endpoint "${textOf(args, 'url')}" is not a URL.`)
  }
  if (!mayWait) {
    throw new Error(
      'RESTMessageV2: a rule that runs before or after the record is stored must not call out: the person who saves would wait. Use an async rule.'
    )
  }
  if (!LOOPBACK.has(url.hostname) && !engine.settings.scriptHosts.includes(url.hostname)) {
    throw new Error(
      `RESTMessageV2: the sandbox calls loopback addresses only, not ${url.hostname}. Fix: name the host in the option scriptHosts.`
    )
  }
  return send(url, args)
}
