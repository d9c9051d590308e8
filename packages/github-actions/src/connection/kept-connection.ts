/**
 * What a post step may know of the connection of its main step: hashes, by which it sees whether it has the same
 * credentials, and never one of their values.
 */
import { createHash, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { SavedConnection } from '@change-actions/change-control'
import { CREDENTIAL_NAMES, type GivenCredentials, parseInstance } from '@change-actions/servicenow-client'
import type { Env } from '../step/runtime.ts'
import { type PemKind, readPem } from './pem.ts'

/** The inputs that are read again, with what each has to hold where that is PEM text or the path of a file. */
const PEM: Readonly<Record<string, PemKind>> = {
  clientCertificate: 'certificate',
  clientKey: 'private key',
  caCertificate: 'certificate'
}
const NAMES = [...CREDENTIAL_NAMES, ...Object.keys(PEM), 'clientKeyPassphrase', 'bindingKey'] as const

/** Credentials and certificates, by the key of their input. */
export interface Secrets extends GivenCredentials {
  readonly clientCertificate?: string | undefined
  readonly clientKey?: string | undefined
  readonly clientKeyPassphrase?: string | undefined
  readonly caCertificate?: string | undefined
  readonly bindingKey?: string | undefined
}

/** Certificates and keys as PEM text: a path is read now, for the file may be another one later. */
export function withPemText<S extends Secrets>(secrets: S): S {
  const read = Object.entries(PEM).flatMap(([key, kind]) => {
    const given = secrets[key as keyof Secrets]
    const found = given === undefined ? undefined : readPem(given, kind)
    return found !== undefined && 'pem' in found ? [[key, found.pem]] : []
  })
  return { ...secrets, ...Object.fromEntries(read) }
}

/** What the main step keeps. @param secrets with PEM text in place of paths */
export function keptConnection(
  secrets: Secrets,
  env: Env,
  salt = randomBytes(16).toString('hex')
): SavedConnection {
  const given = NAMES.flatMap(name => {
    const value = secrets[name as keyof Secrets]
    return value === undefined ? [] : [[name, hashOf(salt, name, value)]]
  })
  return {
    salt,
    hashes: Object.fromEntries(given),
    trust: hashOf(salt, ...trustOf(env)),
    environmentInstance: environmentInstance(env)
  }
}

/** The secrets of the main step among those that a post step has: another one is not used. */
export function knownSecrets<S extends Secrets>(secrets: S, { hashes }: SavedConnection): S {
  const unknown = NAMES.filter(name => !Object.hasOwn(hashes, name)).map(name => [name, undefined])
  return { ...secrets, ...Object.fromEntries(unknown) }
}

/** What a post step has otherwise than its main step had it. */
export interface Differences {
  /** Keys of inputs that the main step had, and whose value is missing or another one. */
  readonly changed: readonly string[]
  /** Keys of inputs that the main step had not. */
  readonly added: readonly string[]
  /** What is trusted has changed. */
  readonly trust: boolean
}

/** Compares. @param secrets with PEM text in place of paths */
export function differences(secrets: Secrets, env: Env, kept: SavedConnection): Differences {
  const now = keptConnection(secrets, env, kept.salt)
  const changed = Object.keys(kept.hashes).filter(name => now.hashes[name] !== kept.hashes[name])
  const added = Object.keys(now.hashes).filter(name => !Object.hasOwn(kept.hashes, name))
  return { changed, added, trust: now.trust !== kept.trust }
}

/** The instance that the environment names since the main step, where that is another one than the main step's. */
export function otherInstance(env: Env, kept: SavedConnection, instance: string): string | undefined {
  const named = environmentInstance(env)
  if (named === '' || named === kept.environmentInstance) return undefined
  try {
    return parseInstance(named) === parseInstance(instance) ? undefined : named
  } catch {
    return named
  }
}

function environmentInstance({ SERVICENOW_INSTANCE: named }: Env): string {
  return named?.trim() ?? ''
}

/**
 * Which certificates Node trusts beside its own and `ca-certificate`: with another authority among them, somebody could
 * stand between the runner and the instance. SSL_CERT_FILE and SSL_CERT_DIR count with the system's certificates alone.
 */
function trustOf(env: Env): string[] {
  const read = (name: string): string => env[name] ?? ''
  const [extra, options] = [read('NODE_EXTRA_CA_CERTS'), read('NODE_OPTIONS')]
  const own = [extra, contentOf(extra), options]
  const system = read('NODE_USE_SYSTEM_CA') === '1' || /--use-(?:openssl|system)-ca/.test(options)
  if (!system) return own
  const file = read('SSL_CERT_FILE')
  return [...own, 'system', file, contentOf(file), read('SSL_CERT_DIR')]
}

function contentOf(path: string): string {
  try {
    return path === '' ? '' : readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}

/** A list, as JSON: `["ab","c"]` is not `["a","bc"]`. */
function hashOf(salt: string, ...texts: string[]): string {
  return createHash('sha256')
    .update(JSON.stringify(['connection', salt, ...texts]))
    .digest('hex')
}
