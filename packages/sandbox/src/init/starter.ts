/** The files that `init` writes, as texts. */
import type { Answers } from './questions.ts'

export const WORKFLOW_FILE = '.github/workflows/change-controlled-deployment.yml'
export const POLICY_FILE = '.github/servicenow-change.yml'

/** A JSON string is a YAML string in double quotes. */
const quoted = (text: string) => JSON.stringify(text)

/** The inputs that sign in, and where each comes from on GitHub. */
function credentials(
  signIn: string
): readonly (readonly [input: string, kind: 'vars' | 'secrets', name: string])[] {
  return signIn.toLowerCase() === 'basic'
    ? [
        ['username', 'vars', 'SERVICENOW_USERNAME'],
        ['password', 'secrets', 'SERVICENOW_PASSWORD']
      ]
    : [
        ['client-id', 'vars', 'SERVICENOW_CLIENT_ID'],
        ['client-secret', 'secrets', 'SERVICENOW_CLIENT_SECRET']
      ]
}

/** The workflow: one gate in front of a deployment. */
export function workflowText({ environment, signIn }: Answers): string {
  const inputs = credentials(signIn).map(
    ([input, kind, name]) => `          ${input}: \${{ ${kind}.${name} }}`
  )
  return `# Deploys under a ServiceNow change: the gate waits for the approval, and closes the change after the job.
# The policy is in ${POLICY_FILE}.
name: Deploy under a change
on:
  push: { branches: [main] }
  workflow_dispatch:
# Beside the checkout and the policy: whether a run that has the change is over, and what approvers read.
permissions: { contents: read, actions: read, deployments: read, pull-requests: read, checks: read, statuses: read }
# Deployments wait in their order. GitHub Enterprise Server may not know \`queue: max\`: without it, a third one cancels the
# second while the first waits.
concurrency: { group: ${quoted(`deploy-${environment}`)}, cancel-in-progress: false, queue: max }
jobs:
  deploy:
    runs-on: ubuntu-latest
    environment: ${quoted(environment)}
    steps:
      - uses: actions/checkout@df4cb1c069e1874edd31b4311f1884172cec0e10 # v6.0.3
        with: { persist-credentials: false }
      - uses: change-actions/servicenow@v1
        with:
          instance: \${{ vars.SERVICENOW_INSTANCE }}
${inputs.join('\n')}
          environment: ${quoted(environment)}
      - run: ./deploy.sh # your deployment
`
}

/** The policy: the environment is change-controlled, and one that is not listed is an error. */
export function policyText({ environment, assignmentGroup, template }: Answers): string {
  const own =
    template === ''
      ? ['# How long the gate waits for the approval.', 'timeout: 4h']
      : [`standard-change-template: ${quoted(template)}`]
  return `# yaml-language-server: $schema=https://raw.githubusercontent.com/change-actions/servicenow/v1/schema/servicenow-change.schema.json
# Which environments are change-controlled, and how. What counts is the file in the commit of the run: give it an owner
# in CODEOWNERS.
unlisted: error
title: 'Deploy "{repository}" version {version} to "{environment}"'
defaults:
  assignment-group: ${quoted(assignmentGroup)}
environments:
  ${quoted(environment)}:
${own.map(line => `    ${line}`).join('\n')}
`
}

/** What is left to do on GitHub, as commands of its command line. */
export function nextSteps({ instance, environment, signIn }: Answers): string {
  const name = `'${environment.replaceAll("'", `'\\''`)}'`
  const values = credentials(signIn).map(([, kind, variable]) =>
    kind === 'vars'
      ? `  gh variable set ${variable} --env ${name}`
      : `  gh secret set ${variable} --env ${name}`
  )
  return `Set up on GitHub, with the environment ${environment} created there:
  gh variable set SERVICENOW_INSTANCE --env ${name} --body ${instance}
${values.join('\n')}
Then replace ./deploy.sh in ${WORKFLOW_FILE} by your deployment, and commit both files.
`
}
