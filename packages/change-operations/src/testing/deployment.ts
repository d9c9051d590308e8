import type { Deployment } from '../deployment.ts'
import { bindingFor } from '../deployment-texts.ts'
import type { Identity } from '../own/identity.ts'

/** A deployment of `acme/shop` to production, by the second attempt of run 1001. */
export const DEPLOYMENT: Deployment = {
  system: 'github',
  server: 'https://github.com',
  repository: 'acme/shop',
  repositoryId: '4711',
  commit: '65dbbeda5ade1f0e3c7b9a4d8e2f6c1b0a9d8e7f',
  commitBasis: 'observed',
  artifacts: [],
  runCommit: '',
  ref: 'refs/heads/main',
  actor: 'octocat',
  workflow: 'Deploy',
  run: '1001',
  attempt: '2',
  runUrl: 'https://github.com/acme/shop/actions/runs/1001',
  job: 'deploy',
  step: 'gate',
  leg: '0',
  environment: 'production'
}

/** That deployment, on an instance without a key and without other trusted accounts. */
export const IDENTITY: Identity = {
  deployment: DEPLOYMENT,
  trustedAccounts: [],
  bindingKey: undefined,
  allowForeignChange: false
}

/** What its changes are bound to. */
export const BOUND = bindingFor(DEPLOYMENT)
