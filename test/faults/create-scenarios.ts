/** create-change: from nothing, from a template, and from what an earlier job left. */
import type { Api, Planted, Scenario } from './scenario.ts'
import { BOUND, CLIENT, changesOn, plant, TEMPLATE, TITLE } from './setup.ts'

export const STANDARD = 'create-change, standard from a template'
const CORRELATION = 'shop-42'

export function createScenarios(api: Api): Scenario[] {
  const path = changesOn(api)
  return [
    {
      name: 'create-change, normal',
      script: 'create-change',
      api,
      account: CLIENT,
      inputs: () => ({
        'short-description': TITLE,
        'assignment-group': 'DevOps Team',
        'cmdb-ci': 'prod-k8s-cluster',
        risk: 'low',
        'work-notes': 'Made by the pipeline.',
        attachments: '- plan.md'
      }),
      naming: api === 'table' ? `POST ${path}` : `POST ${path}/normal`,
      isDone: changes =>
        changes.length === 1 &&
        changes[0]?.fields.state === '-4' &&
        changes[0].attachments.length === 1 &&
        changes[0].notes.length === 3
    },
    {
      name: STANDARD,
      script: 'create-change',
      api,
      account: CLIENT,
      inputs: () => ({
        'short-description': TITLE,
        'standard-change-template': TEMPLATE,
        'cmdb-ci': 'prod-k8s-cluster',
        'work-notes': 'Made by the pipeline.',
        attachments: '- plan.md'
      }),
      naming: api === 'table' ? `POST ${path}` : `POST ${path}/standard/:id`,
      isDone: changes =>
        changes.length === 1 &&
        changes[0]?.fields.state === '-2' &&
        changes[0].attachments.length === 1 &&
        changes[0].notes.length === 3
    },
    {
      name: 'create-change, reusing a draft with a duplicate',
      script: 'create-change',
      api,
      account: CLIENT,
      inputs: () => ({
        'short-description': TITLE,
        risk: 'high',
        'correlation-id': CORRELATION,
        'work-notes': 'Reused by the pipeline.',
        attachments: '- plan.md'
      }),
      prepare: sandbox => {
        const drafts = [1, 2].map(minute => {
          const draft = plant(sandbox, {
            correlation_id: CORRELATION,
            correlation_display: BOUND,
            risk: '4'
          })
          const made = { sys_created_by: 'gha.deployer', sys_created_on: `2026-01-05 09:0${minute}:00` }
          sandbox.set('change_request', draft.sysId, made)
          return draft
        })
        return drafts[0] as Planted
      },
      // The second and the third tell that it is ours.
      naming: `GET ${path} #3`,
      isDone: changes =>
        changes.length === 2 &&
        changes[0]?.fields.state === '-4' &&
        changes[0].fields.risk === '2' &&
        changes[0].attachments.length === 1 &&
        changes[1]?.fields.state === '4' &&
        changes[1].notes.length === 1
    }
  ]
}

/** Where the account may not read the lookup tables, the Table API takes names in a request of their own. */
export const NAMES: Scenario = {
  name: 'create-change, names for the instance to resolve',
  script: 'create-change',
  api: 'table',
  account: { ...CLIENT, SERVICENOW_USERNAME: 'gha.narrow', SERVICENOW_PASSWORD: 'narrow-password' },
  inputs: () => ({
    'short-description': TITLE,
    'assignment-group': 'DevOps Team',
    'cmdb-ci': 'prod-k8s-cluster',
    risk: 'low'
  }),
  naming: `POST ${changesOn('table')}`,
  isDone: ([change, ...more]) =>
    more.length === 0 &&
    change?.fields.state === '-4' &&
    change.fields.risk === '4' &&
    /^[0-9a-f]{32}$/.test(change.fields.assignment_group ?? '') &&
    /^[0-9a-f]{32}$/.test(change.fields.cmdb_ci ?? '')
}
