import { Property } from '@servicenow/sdk/core'
import { admin } from './roles.now'

Property({
  $id: Now.ID['property-signing-secret'],
  name: 'x_chgact.signing_secret',
  type: 'password2',
  description:
    'Secret that signs messages of pipelines (SERVICENOW_SIGNING_SECRET). ASCII. Empty: none is taken.',
  value: '',
  isPrivate: true,
  roles: { read: [admin], write: [admin] }
})

Property({
  $id: Now.ID['property-flows'],
  name: 'x_chgact.flows',
  type: 'string',
  description: 'Subflows that pipelines may start: a list of <scope>.<name>, with commas. Empty: none.',
  value: '',
  roles: { read: [admin], write: [admin] }
})

Property({
  $id: Now.ID['property-events'],
  name: 'x_chgact.events',
  type: 'string',
  description:
    'Subflows that events start: a list of <event>=<scope>.<name>, with commas. Others are only logged.',
  value: '',
  roles: { read: [admin], write: [admin] }
})

Property({
  $id: Now.ID['property-max-age'],
  name: 'x_chgact.max_age_seconds',
  type: 'integer',
  description:
    'Messages that were sent longer ago, or longer ahead by the clock of the instance, are refused.',
  value: '300',
  roles: { read: [admin], write: [admin] }
})

Property({
  $id: Now.ID['property-github-api'],
  name: 'x_chgact.github_api',
  type: 'string',
  description: 'REST API of GitHub: https://api.github.com, or https://HOST/api/v3.',
  value: 'https://api.github.com',
  roles: { read: [admin], write: [admin] }
})

Property({
  $id: Now.ID['property-github-repository'],
  name: 'x_chgact.github_repository',
  type: 'string',
  description: 'Repository (owner/name) with the workflow of resume-deployments. Empty: no poke.',
  value: '',
  roles: { read: [admin], write: [admin] }
})

Property({
  $id: Now.ID['property-github-workflow'],
  name: 'x_chgact.github_workflow',
  type: 'string',
  description: 'File of the workflow that runs resume-deployments.',
  value: 'resume.yml',
  roles: { read: [admin], write: [admin] }
})

Property({
  $id: Now.ID['property-github-ref'],
  name: 'x_chgact.github_ref',
  type: 'string',
  description: 'Branch on which the workflow runs: the default branch.',
  value: 'main',
  roles: { read: [admin], write: [admin] }
})

Property({
  $id: Now.ID['property-github-token'],
  name: 'x_chgact.github_token',
  type: 'password2',
  description: 'Fine-grained token with Actions: write on that one repository. Empty: no poke.',
  value: '',
  isPrivate: true,
  roles: { read: [admin], write: [admin] }
})
