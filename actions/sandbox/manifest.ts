import { AUTHOR, describeAction } from '@change-actions/github-actions/manifest'
import { inputs } from './src/inputs.ts'

export const action = describeAction(inputs, {
  name: 'ServiceNow change: sandbox',
  description:
    'Starts a ServiceNow instance for tests on the runner, for the steps that follow, and stops it after the job.',
  author: AUTHOR,
  runs: {
    using: 'node24',
    main: '../../dist/sandbox/main.js',
    post: '../../dist/sandbox/post.js'
  },
  inputs: {
    port: 'Port to listen on, on 127.0.0.1. 0: a free port.',
    approveAfter:
      'Approve each requested approval after this time (30s). Without it approvals stay pending until a step approves them.',
    stateFile: 'File that keeps the data of the instance, relative to the workspace; attachments beside it.',
    seed: 'Data of a new instance: change (groups, accounts and templates for change control) or stock (what every new instance holds).'
  },
  outputs: {
    instance: 'Address of the instance; also exported as SERVICENOW_INSTANCE.',
    username: 'User name of the test account.',
    password: 'Password of the test account.',
    'client-id': 'OAuth client id of the test account; also exported as SERVICENOW_CLIENT_ID.',
    'client-secret': 'OAuth client secret of the test account; also exported as SERVICENOW_CLIENT_SECRET.'
  }
})
