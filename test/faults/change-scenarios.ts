/** What comes after the change is there: waiting, moving it on, attaching evidence. */
import type { Api, Scenario } from './scenario.ts'
import { APPROVED, approves, CLIENT, changesOn, plant, submitted } from './setup.ts'

export function changeScenarios(api: Api): Scenario[] {
  const path = changesOn(api)
  const found = `GET ${path}`
  return [
    {
      name: 'wait-approval, approved meanwhile',
      script: 'wait-approval',
      api,
      account: CLIENT,
      sandbox: { approvalDelayMs: 0 },
      inputs: ({ sysId }) => ({ 'change-sys-id': sysId, timeout: '20', 'poll-interval': '1' }),
      prepare: submitted,
      person: approves,
      naming: `GET ${path}/:id`,
      isDone: changes => changes[0]?.fields.approval === 'approved' && changes[0].fields.state === '-2'
    },
    {
      name: 'update-change, to Implement',
      script: 'update-change',
      api,
      account: CLIENT,
      inputs: ({ number }) => ({
        'change-number': number,
        state: 'implement',
        'work-notes': 'Deployment started.'
      }),
      prepare: sandbox => plant(sandbox, APPROVED),
      naming: found,
      isDone: ([change]) => change?.fields.state === '-1' && change.notes.length === 1
    },
    {
      name: 'update-change, Implement to Closed',
      script: 'update-change',
      api,
      account: CLIENT,
      inputs: ({ number }) => ({
        'change-number': number,
        state: 'closed',
        'close-code': 'successful',
        'close-notes': 'All pods replaced.',
        'work-notes': 'Deployment finished.',
        'change-tasks': 'close'
      }),
      prepare: sandbox => {
        const change = plant(sandbox, { ...APPROVED, state: '-1' })
        const { sysId } = change
        sandbox.insert('change_task', {
          parent: sysId,
          change_request: sysId,
          short_description: 'Implement',
          state: '1'
        })
        return change
      },
      naming: found,
      isDone: ([change]) =>
        change?.fields.state === '3' &&
        change.fields.close_code === 'successful' &&
        // The claim has a note of its own.
        change.notes.length === 2 &&
        change.tasks.every(task => task.state === '3')
    },
    {
      name: 'update-change, canceled',
      script: 'update-change',
      api,
      account: CLIENT,
      inputs: ({ number }) => ({
        'change-number': number,
        state: 'canceled',
        'work-notes': 'Not needed any more.'
      }),
      prepare: sandbox => plant(sandbox, APPROVED),
      naming: found,
      isDone: ([change]) => change?.fields.state === '4' && change.notes.length === 1
    },
    {
      name: 'attach-evidence, two files and a note',
      script: 'attach-evidence',
      api,
      account: CLIENT,
      inputs: ({ number }) => ({ 'change-number': number, files: 'smoke.xml\ndeploy.log' }),
      prepare: sandbox => plant(sandbox, { ...APPROVED, state: '-1' }),
      naming: found,
      isDone: ([change]) => change?.attachments.length === 2 && change.notes.length === 1
    }
  ]
}
