import assert from 'node:assert/strict'
import type { Scenario } from '../scenario.ts'
import {
  assertChange,
  assertDeployment,
  assertError,
  assertNotDeployed,
  calling,
  DONE,
  onlyChange,
  outputsOf,
  refused,
  SOON,
  STATES
} from './shop.ts'

const subject = 'standard-deploy'

const STAGING = {
  environment: 'staging',
  version: '1.4.2',
  command: './deploy.sh',
  'standard-change-template': 'app-deployment-template',
  ...SOON
}

const call = (more: Readonly<Record<string, string>> = {}) => ({
  workflow: subject,
  with: { ...STAGING, ...more }
})

export const STANDARD_DEPLOY: readonly Scenario[] = [
  {
    subject,
    name: 'pre-approved and deployed: closed as successful, no approval requested',
    files: calling(call({ 'evidence-files': 'reports/*.txt' })),
    people: 'nothing',
    check(played) {
      const change = onlyChange(played)
      assertChange(change, { ...DONE, type: 'standard', approval: 'approved' })
      assert.notEqual(change.std_change_producer_version, '')
      assert.deepEqual(played.sandbox.approvers(change.sys_id), [])
      assertDeployment(played, { DEPLOY_ENVIRONMENT: 'staging', CHANGE_NUMBER: change.number ?? '' })
      assert.equal(played.sandbox.attachments(change.sys_id)[0]?.bytes.toString(), 'deployed 1.4.2\n')
      assert.equal(outputsOf(played)['deployment-result'], 'success')
    }
  },
  {
    subject,
    name: 'on-success: review: the record stays open for a person',
    files: calling(call({ 'on-success': 'review' })),
    people: 'nothing',
    check(played) {
      assertChange(onlyChange(played), { state: STATES.review, type: 'standard' })
    }
  },
  {
    subject,
    name: 'the deployment fails: Review, close code unsuccessful',
    files: calling({ ...call(), deploy: 'fails' }),
    people: 'nothing',
    expected: 'failure',
    check(played) {
      assertChange(onlyChange(played), { state: STATES.review, close_code: 'unsuccessful', type: 'standard' })
    }
  },
  {
    subject,
    name: 'canceled by a person before its window opens: nothing deployed',
    files: calling(call({ 'start-date': '+30s', 'end-date': '+1h' })),
    people: async sandbox => {
      const change = await sandbox.waitFor(
        () => sandbox.rows('change_request').find(one => one.state === '-2'),
        60_000
      )
      sandbox.set('change_request', change.sys_id, { state: STATES.canceled })
    },
    expected: 'failure',
    check(played) {
      assertChange(onlyChange(played), { state: STATES.canceled })
      assertNotDeployed(played)
      assertError(played, 'Change CHG0030001: canceled', '')
    }
  },
  {
    subject,
    name: 'a template that is not active: refused, no change',
    files: calling(call({ 'standard-change-template': 'retired-template' })),
    people: 'nothing',
    expected: 'failure',
    check(played) {
      assert.deepEqual(played.sandbox.rows('change_request'), [])
      assertNotDeployed(played)
      assert.match(played.run.annotations[0]?.text ?? '', /retired-template/)
    }
  },
  refused(
    {
      subject,
      name: 'no template, a wrong word and no secret: all named in one error',
      files: calling(call({ 'standard-change-template': '', 'on-failure': 'rollback' })),
      secrets: { SERVICENOW_CLIENT_SECRET: '' }
    },
    [
      'Input `standard-change-template` is missing',
      '`on-failure` must be close, review or none, not `rollback`',
      'No credentials are given'
    ]
  )
]
