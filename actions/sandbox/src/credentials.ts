/** How the steps of a job sign in to the sandbox. */

/** The test account for deployments; each seed has it. It is public: it is in the README of the sandbox. */
export const CREDENTIALS = {
  username: 'gha.deployer',
  password: 'deployer-password',
  clientId: 'github-actions',
  clientSecret: 'sandbox-client-secret'
} as const

/** Variables of the job. One way to sign in: of several, the actions would not know which was meant. */
export function exportedVariables(instance: string): Record<string, string> {
  return {
    SERVICENOW_INSTANCE: instance,
    SERVICENOW_CLIENT_ID: CREDENTIALS.clientId,
    SERVICENOW_CLIENT_SECRET: CREDENTIALS.clientSecret
  }
}
