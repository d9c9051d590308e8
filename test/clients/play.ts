import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import type { Client } from './clients.ts'
import type { Installed } from './install.ts'
import type { Instance } from './instance.ts'

/** What one scenario came to. */
export interface Result {
  readonly client: string
  readonly file: string
  readonly scenario: string
  /** Why it failed. */
  readonly error?: string
}

/** A file of scenarios that takes longer has failed, in milliseconds. */
const LIMIT = 90_000

/**
 * Runs one file of scenarios against an instance. A file that ends early, or says nothing, is one more failed result.
 * @param trusted environment variables that name the certificate authority of the instance
 */
export async function play(
  client: Client,
  file: string,
  installed: Installed,
  instance: Instance,
  trusted: Readonly<Record<string, string>>
): Promise<Result[]> {
  const [command = '', ...args] = installed.command(file)
  const urls = { SANDBOX_HTTP: instance.http, SANDBOX_HTTPS: instance.https, NO_PROXY: '127.0.0.1' }
  const child = spawn(command, args, {
    env: { ...process.env, ...installed.env, ...trusted, ...urls, no_proxy: '127.0.0.1' },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: LIMIT
  })
  const [output, errors, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit')
  ])
  return results(output, { client: client.name, file }, `exit code ${code}\n${errors}`)
}

function results(output: string, of: { client: string; file: string }, ending: string): Result[] {
  const lines = output.split('\n').filter(line => line.startsWith('{"scenario'))
  const said = lines.map(
    line => JSON.parse(line) as { scenario?: string; error?: string; scenarios?: number }
  )
  const played = said.flatMap(({ scenario, error }) =>
    scenario === undefined ? [] : [{ ...of, scenario, ...(error && { error }) }]
  )
  if (said.at(-1)?.scenarios === played.length && played.length > 0) return played
  return [...played, { ...of, scenario: 'all scenarios of the file are run', error: ending }]
}
