/** Who may reach the sandbox. */
import { ACCOUNTS, API_KEYS, OAUTH_CLIENTS } from './seed/accounts.ts'

/** Where it listens, and with which password. */
export interface NetworkSettings {
  readonly host: string
  readonly allowNetwork: boolean
  readonly password?: string
}

const LOOPBACK = ['127.0.0.1', '::1', 'localhost']
const MIN_PASSWORD = 12

/** Secrets that everybody knows. */
const PUBLIC = [
  ...ACCOUNTS.map(account => account.password),
  ...OAUTH_CLIENTS.map(client => client.secret),
  ...API_KEYS.map(({ key }) => key)
]

/** @throws Error where the sandbox could be reached with a password that everybody knows */
export function checkNetwork({ host, allowNetwork, password }: NetworkSettings): void {
  const loopback = LOOPBACK.includes(host)
  if (!loopback && !allowNetwork)
    throw new Error(
      `The sandbox listens on loopback only (${LOOPBACK.join(', ')}), not on "${host}": its accounts and passwords are public. Fix: leave --host out, or give --allow-network (allowNetwork) and a password of your own (SANDBOX_PASSWORD).`
    )
  if (allowNetwork && password === undefined)
    throw new Error(
      `--allow-network (allowNetwork) needs a password of your own: those of the accounts are public. Fix: set the variable SANDBOX_PASSWORD (option password), with ${MIN_PASSWORD} characters or more.`
    )
  if (password !== undefined && (password.length < MIN_PASSWORD || PUBLIC.includes(password)))
    throw new Error(
      `The password is ${PUBLIC.includes(password) ? 'one of the public ones' : 'too short'}. Fix: give one of your own, with ${MIN_PASSWORD} characters or more.`
    )
}

/** The host in an address by which this machine reaches the sandbox. */
export function ownHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1'
  return host.includes(':') ? `[${host}]` : host
}
