import { expect, it } from '@jest/globals'
import { startSandbox } from '../sandbox.ts'
import { application } from '../testing/application.ts'
import { as } from '../testing/caller.ts'
import { restTrigger } from './rest-trigger.ts'

it('starts the flow with the request as its inputs, and responds with the execution', async () => {
  const sandbox = await startSandbox({
    scripts: application({
      flows: [
        {
          name: 'deploy',
          script: '(function (inputs, outputs) { outputs.got = inputs.body.event; })(inputs, outputs);'
        }
      ],
      resources: [
        restTrigger('x_acme.deploy', {
          method: 'POST',
          path: '/api/x_acme/deploy',
          authentication: true,
          roles: []
        })
      ]
    })
  })
  const response = await as(sandbox).post('/api/x_acme/deploy', { event: 'deployment.started' })
  expect(response.status).toBe(200)
  const id = String(response.at('result', 'executionId'))
  const context = await sandbox.waitFor(() =>
    sandbox.rows('sys_flow_context').find(row => row.sys_id === id && row.state === 'COMPLETE')
  )
  expect(context.outputs).toBe('{"got":"deployment.started"}')
  await sandbox.stop()
})
