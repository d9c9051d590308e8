/** The gate around a deployment: its step before, and its step after. */
import { correlationScope } from '@change-actions/change-control'
import { resolveInputs } from '@change-actions/github-actions'
import { keptConnection } from '@change-actions/github-actions/change'
import { inputs } from '../../actions/gate/src/inputs.ts'
import { saveGate } from '../../actions/gate/src/state.ts'
import { STANDARD } from './create-scenarios.ts'
import type { Scenario } from './scenario.ts'
import { APPROVED, CLIENT, plant, TEMPLATE } from './setup.ts'

const GATE = {
  'standard-change-template': TEMPLATE,
  'cmdb-ci': 'prod-k8s-cluster',
  version: '1.2.3',
  environment: 'production'
}

/** The whole gate, short of nothing but a person: a template is approved by its catalogue. */
export const GATE_MAIN: Scenario = {
  name: 'gate, standard change into Implement',
  script: 'gate',
  api: 'change-management',
  account: CLIENT,
  like: STANDARD,
  inputs: () => ({ ...GATE, attachments: '- plan.md', timeout: '10', 'poll-interval': '1' }),
  naming: 'POST /api/sn_chg_rest/v1/change/standard/:id',
  isDone: ([change, ...more]) =>
    more.length === 0 &&
    change?.fields.state === '-1' &&
    change.attachments.length === 1 &&
    change.notes.length === 4
}

export const GATE_POST: Scenario = {
  name: 'gate, post step after a success',
  script: 'gate, post',
  api: 'change-management',
  account: CLIENT,
  nextAttempt: 1,
  inputs: () => ({ ...GATE, 'fail-on-post-error': 'true' }),
  prepare: sandbox => {
    const scope = correlationScope({
      serverUrl: 'https://github.com',
      repository: 'change-actions/servicenow',
      environment: 'production'
    })
    return plant(sandbox, {
      ...APPROVED,
      type: 'standard',
      state: '-1',
      work_notes: `Deployment started.\n[gha2 claim 1 1001 1 ${scope}]`
    })
  },
  async saved(planted, env) {
    const { values } = await resolveInputs(inputs, { env, warn: () => undefined })
    const state: Record<string, string> = {}
    const saveState = (name: string, value: string) => {
      state[name] = value
    }
    const change = { ...planted, created: true, supplied: false, phase: 'entered', times: [] } as const
    saveGate({ saveState }, values, change, keptConnection(values, env))
    return state
  },
  isDone: ([change]) =>
    change?.fields.state === '3' && change.fields.close_code === 'successful' && change.notes.length === 2
}
