/**
 * Runs other people's clients of ServiceNow, from their registries, against the bundled sandbox.
 *
 *   npm run test:clients                  all of them
 *   npm run test:clients -- pysnc pysnow  these
 *
 * It needs Python 3 with pip, npm and openssl, and Go for the client in Go. `CLIENT_JOBS`: so many clients at a time.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  hasOpenssl,
  makeCertificates,
  type Pair
} from '../../packages/servicenow-client/src/testing/certificates.ts'
import '../fresh-dist.ts'
import { inParallel } from '../faults/pool.ts'
import { CLIENTS, type Client } from './clients.ts'
import { type Installed, install, Unavailable } from './install.ts'
import { startInstance } from './instance.ts'
import { play, type Result } from './play.ts'
import { failure, line, type Outcome, table } from './report.ts'

const JOBS = Number(process.env.CLIENT_JOBS ?? availableParallelism())

const folder = mkdtempSync(join(tmpdir(), 'clients-'))
try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}

async function main(names: readonly string[]): Promise<number> {
  const unknown = names.filter(name => !CLIENTS.some(one => one.name === name))
  if (unknown.length > 0) {
    throw new Error(`No client ${unknown.join(', ')}. There are ${CLIENTS.map(one => one.name).join(', ')}.`)
  }
  if (!hasOpenssl()) throw new Error('There is no openssl to make certificates with. Fix: install openssl.')
  const { ca, server } = makeCertificates()
  const trusted = trust(ca)
  const chosen = CLIENTS.filter(one => names.length === 0 || names.includes(one.name))
  const outcomes = await inParallel(chosen, JOBS, client => outcomeOf(client, server, trusted))
  console.log(`\n${table(outcomes)}`)
  const failed = outcomes.filter(one => failure(one) !== undefined).length
  const absent = outcomes.filter(one => one.unavailable !== undefined).length
  console.log(`\n${outcomes.length - failed - absent} passed, ${failed} failed, ${absent} not run`)
  return failed === 0 ? 0 : 1
}

/** The variables by which requests, httpx and Go, and Node learn of a certificate authority. */
function trust(ca: string): Record<string, string> {
  const file = join(folder, 'ca.pem')
  writeFileSync(file, ca)
  return { REQUESTS_CA_BUNDLE: file, SSL_CERT_FILE: file, NODE_EXTRA_CA_CERTS: file }
}

async function outcomeOf(
  client: Client,
  certificate: Pair,
  trusted: Record<string, string>
): Promise<Outcome> {
  const began = performance.now()
  const results: Result[] = []
  try {
    const installed = await install(client, join(folder, client.name))
    for (const file of client.files) {
      const played = await playWithInstance(client, file, installed, certificate, trusted)
      for (const one of played) console.log(line(one))
      results.push(...played)
    }
  } catch (error) {
    if (error instanceof Unavailable) return { client, results, seconds: 0, unavailable: error.message }
    const failed = {
      client: client.name,
      file: 'versions.json',
      scenario: 'the client is installed',
      error: String(error)
    }
    console.log(line(failed))
    results.push(failed)
  }
  return { client, results, seconds: (performance.now() - began) / 1000 }
}

async function playWithInstance(
  client: Client,
  file: string,
  installed: Installed,
  certificate: Pair,
  trusted: Record<string, string>
): Promise<Result[]> {
  const instance = await startInstance(certificate)
  try {
    return await play(client, file, installed, instance, trusted)
  } finally {
    await instance.stop()
  }
}
