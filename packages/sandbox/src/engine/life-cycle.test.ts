import { afterEach, describe, expect, it } from '@jest/globals'
import { createManualClock, createSandbox, type InProcessSandbox, type LifeCycle } from '../index.ts'
import { basic, CHANGE, TABLE } from '../testing/caller.ts'

/** A state before New, one in place of Scheduled, and no Assess. */
const MODEL: LifeCycle = {
  states: [
    { value: '-6', label: 'Draft' },
    { value: '-5', label: 'New', like: 'new' },
    { value: '-3', label: 'Authorize', like: 'authorize' },
    { value: '12', label: 'Ready to deploy', like: 'scheduled' },
    { value: '-1', label: 'Implement', like: 'implement' },
    { value: '3', label: 'Closed', like: 'closed' }
  ],
  transitions: [
    { from: '-6', to: '-5' },
    { from: '-5', to: '-3', conditions: ['Not On hold'] },
    { from: '-3', to: '12', automatic: true },
    { from: '12', to: '-1' },
    { from: '-1', to: '3' }
  ]
}

/** As before the state model: a workflow asks for approval when the change is made, and nothing checks a move. */
const LEGACY: LifeCycle = {
  states: [
    { value: '1', label: 'Open', like: 'authorize' },
    { value: '2', label: 'Work in Progress', like: 'implement' },
    { value: '3', label: 'Closed', like: 'closed' }
  ]
}

const clock = createManualClock(Date.UTC(2026, 10, 21, 12))
let sandbox: InProcessSandbox

afterEach(() => sandbox.stop())

async function send(method: string, path: string, body?: object) {
  const reply = await sandbox.send({
    method,
    url: `https://acme.service-now.com${path}`,
    headers: {
      Authorization: basic('gha.deployer'),
      Accept: 'application/json',
      'Content-Type': 'application/json'
    },
    ...(body && { body: JSON.stringify(body) })
  })
  if (reply.kind !== 'response') throw new Error(`the reply is ${reply.kind}`)
  return { status: reply.response.status, result: JSON.parse(String(reply.response.body)).result }
}

const make = async (): Promise<string> => {
  const fields = { short_description: 'Deploy', assignment_group: 'DevOps Team' }
  return String((await send('POST', `${CHANGE}/normal`, fields)).result.sys_id.value)
}

const CLOSE = { close_code: 'successful', close_notes: 'done' }

describe('a change model with states of its own', () => {
  it('begins in its first state, and has its own choice list and moves', async () => {
    sandbox = createSandbox({ ...clock, lifeCycle: MODEL })
    const id = await make()
    expect(sandbox.change(id)).toMatchObject({ state: '-6', approval: 'not requested' })
    const { result } = await send('GET', `${CHANGE}/${id}/nextstates`)
    expect(result).toMatchObject({
      available_states: ['-5', '-6'],
      state_transitions: [[{ from_state: '-6', to_state: '-5', transition_available: true }]],
      state_label: { '-5': 'New', '-6': 'Draft' }
    })
    const choices = await send('GET', `${TABLE}/sys_choice?sysparm_query=name=change_request^element=state`)
    expect(choices.result.map((one: { label: string }) => one.label)).toEqual(
      MODEL.states.map(state => state.label)
    )
  })

  it('refuses every other move, and leads to Closed by its own', async () => {
    sandbox = createSandbox({ ...clock, lifeCycle: MODEL })
    const id = await make()
    expect((await send('PATCH', `${CHANGE}/${id}`, { state: '-3' })).status).toBe(403)
    await send('PATCH', `${CHANGE}/${id}`, { state: '-5' })
    await send('PATCH', `${CHANGE}/${id}`, { state: '-3' })
    clock.advance(1_000)
    expect(sandbox.change(id)).toMatchObject({ state: '-3', approval: 'requested' })
    sandbox.approve(id)
    expect(sandbox.change(id)).toMatchObject({ state: '12', approval: 'approved' })
    await send('PATCH', `${CHANGE}/${id}`, { state: '-1' })
    expect((await send('PATCH', `${CHANGE}/${id}`, { state: '3' })).status).toBe(403)
    expect((await send('PATCH', `${CHANGE}/${id}`, { state: '3', ...CLOSE })).status).toBe(200)
    expect(sandbox.change(id)).toMatchObject({ state: '3', active: 'false' })
  })
})

describe('an instance without a state model', () => {
  it('asks for approval in its first state, stays there, and lets a request make any move', async () => {
    sandbox = createSandbox({ ...clock, lifeCycle: LEGACY, changeModels: false })
    const id = await make()
    clock.advance(1_000)
    expect(sandbox.change(id)).toMatchObject({ state: '1', approval: 'requested' })
    sandbox.approve(id)
    expect(sandbox.change(id)).toMatchObject({ state: '1', approval: 'approved' })
    await send('PATCH', `${CHANGE}/${id}`, { state: '3', ...CLOSE })
    expect(sandbox.change(id)?.state).toBe('3')
    await send('PATCH', `${CHANGE}/${id}`, { state: '2' })
    expect(sandbox.change(id)).toMatchObject({ state: '2' })
  })
})
