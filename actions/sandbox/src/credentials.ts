/** How the steps of a job sign in to the sandbox. */
import type { SandboxInputs } from './inputs.ts'

/** A test account. Its passwords are public: they are in the README of the sandbox. */
export interface Credentials {
  readonly username: string
  readonly password: string
  readonly clientId: string
  readonly clientSecret: string
}

/** The account of each seed: one for deployments, or the administrator that every new instance has. */
export const CREDENTIALS: Readonly<Record<SandboxInputs['seed'], Credentials>> = {
  change: {
    username: 'gha.deployer',
    password: 'deployer-password',
    clientId: 'github-actions',
    clientSecret: 'sandbox-client-secret'
  },
  stock: { username: 'admin', password: 'admin-password', clientId: '', clientSecret: '' }
}

/** Variables of the job. One way to sign in: of several, the actions would not know which was meant. */
export function exportedVariables(instance: string, credentials: Credentials): Record<string, string> {
  const { username, password, clientId, clientSecret } = credentials
  return {
    SERVICENOW_INSTANCE: instance,
    ...(clientId === ''
      ? { SERVICENOW_USERNAME: username, SERVICENOW_PASSWORD: password }
      : { SERVICENOW_CLIENT_ID: clientId, SERVICENOW_CLIENT_SECRET: clientSecret })
  }
}
