/** Sends the requests of a recording to the sandbox, and says where it responds in another form than the instance did. */
import { ACCOUNTS, OAUTH_CLIENTS } from '@change-actions/sandbox'
import type { Body, Exchange } from '../../../packages/sandbox/src/recording/recording.ts'

/** Members whose texts are the instance's own words. */
const WORDS = ['message', 'detail', 'error', 'error_description', 'status']

/** sys_ids and numbers: those of the instance stand for those that the sandbox gave in their places. */
const NAMES = /[0-9a-f]{32}|\b[A-Z]{3,8}\d{7}\b/g

/** Plays the exchanges in their order. @returns a line for each difference */
export async function play(exchanges: readonly Exchange[], instance: string): Promise<string[]> {
  const names = new Map<string, string>()
  const differences: string[] = []
  for (const [index, { request, response }] of exchanges.entries()) {
    const place = `${index + 1}. ${request.method} ${request.path.split('?')[0]}`
    const got = await send(instance, request, names)
    const add = (text: string) => differences.push(`${place}: ${text}`)
    if (got.status !== response.status) add(`status ${got.status} instead of ${response.status}`)
    else if (response.body !== undefined && 'json' in response.body) {
      learnNames(response.body.json, got.json, names)
      compare(response.body.json, got.json, '', add)
    }
  }
  return differences
}

async function send(
  instance: string,
  { method, path, headers, body }: Exchange['request'],
  names: Map<string, string>
) {
  const own = (text: string) => text.replace(NAMES, name => names.get(name) ?? name)
  const response = await fetch(instance + own(path), {
    method,
    headers: signedIn(headers),
    redirect: 'manual',
    ...(body !== undefined && method !== 'GET' && { body: own(textOf(body)) })
  })
  const text = await response.text()
  return { status: response.status, json: parsed(text) }
}

/** The recording says how somebody signed in, and not as whom. */
function signedIn(headers: Readonly<Record<string, string>>): Record<string, string> {
  const { authorization, 'x-sn-apikey': key, ...others } = headers
  const [account] = ACCOUNTS
  const basic = `Basic ${btoa(`${account?.userName}:${account?.password}`)}`
  return authorization === undefined && key === undefined ? others : { ...others, authorization: basic }
}

function textOf(body: Body): string {
  if ('bytes' in body) return 'x'.repeat(body.bytes)
  if ('json' in body) return JSON.stringify(body.json)
  const [client] = OAUTH_CLIENTS
  const [account] = ACCOUNTS
  const own = {
    client_id: client?.id,
    client_secret: client?.secret,
    username: account?.userName,
    password: account?.password
  }
  const form = Object.entries(body.form).map(([name, value]) => [
    name,
    own[name as keyof typeof own] ?? value
  ])
  return String(new URLSearchParams(Object.fromEntries(form)))
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** What stands in the same place is the same thing. */
function learnNames(recorded: unknown, got: unknown, names: Map<string, string>): void {
  if (typeof recorded === 'string' && typeof got === 'string') {
    const [from, to] = [recorded.match(NAMES) ?? [], got.match(NAMES) ?? []]
    if (from.length === to.length)
      for (const [index, name] of from.entries()) names.set(name, to[index] ?? name)
  } else if (isObject(recorded) && isObject(got))
    for (const [member, value] of Object.entries(recorded)) learnNames(value, got[member], names)
}

/** Members and types, and the words of errors. Members of a record that the sandbox has in addition do no harm. */
function compare(recorded: unknown, got: unknown, at: string, add: (text: string) => void): void {
  const name = at.slice(at.lastIndexOf('.') + 1)
  const isWords = typeof recorded === 'string' && WORDS.includes(name) && at.startsWith('error')
  if (kindOf(recorded) !== kindOf(got))
    add(`${at || 'the body'} is ${kindOf(got)} instead of ${kindOf(recorded)}`)
  else if (isWords && recorded !== got)
    add(`${at} is ${JSON.stringify(got)} instead of ${JSON.stringify(recorded)}`)
  // Of a list the first record is compared: how many there are depends on the data.
  else if (Array.isArray(recorded) && Array.isArray(got)) {
    if (recorded.length > 0 && got.length > 0) compare(recorded[0], got[0], `${at}[0]`, add)
  } else if (isObject(recorded) && isObject(got))
    for (const [member, value] of Object.entries(recorded))
      compare(value, got[member], at === '' ? member : `${at}.${member}`, add)
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'absent'
  if (value === null) return 'null'
  return Array.isArray(value) ? 'a list' : typeof value
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
