/** A post step that cannot finish says what is left to do, and leaves the job as it is. */
import { expect, it } from '@jest/globals'
import { inWorld, type Performed, type World } from '../../testing/perform.ts'
import { performPost } from '../../testing/perform-post.ts'
import { definition } from './main.ts'

const STANDARD = { environment: 'production', 'standard-change-template': 'app-deployment-template' }
const FOREVER = Number.POSITIVE_INFINITY
const IMPLEMENT = '-1'

const open = ({ perform }: World, inputs: Record<string, string> = {}) =>
  perform(definition, { inputs: { ...STANDARD, 'max-retries': '0', ...inputs } })

const stateOf = ({ sandbox }: World, { outputs }: Performed) =>
  sandbox.change(outputs['change-number'] ?? '')?.state

it.each([
  ['success', /Manual action required: close CHG\d+ with close code successful \(job success\)/],
  ['failure', /Manual action required: move CHG\d+ to Review with close code unsuccessful \(job failure\)/]
])('an instance that is down after %s: one error, and the job is left alone', (status, left) =>
  inWorld({}, async world => {
    const main = await open(world)
    world.sandbox.fault({ kind: 'unavailable', path: '/api/', times: FOREVER })
    const step = await performPost(world, main, status)
    expect(step.failure).toBeUndefined()
    expect(step.errors).toEqual([
      { title: expect.stringMatching(/^ServiceNow 503: /), text: expect.stringMatching(left) }
    ])
    // The change was not seen, which does not mean that there is none.
    expect(step.errors[0]?.text).not.toContain('Current status')
    expect(step.summary).toMatch(/^## Change after the deployment(?:: failed)?\n/)
    expect(step.summary).toMatch(/\*\*Manual action required:\*\* (?:close|move) CHG/)
    expect(stateOf(world, main)).toBe(IMPLEMENT)
  })
)

it('a change that was seen is told with its status', () =>
  inWorld({}, async world => {
    const main = await open(world)
    world.sandbox.fault({ kind: 'acl', method: 'PATCH', times: FOREVER })
    const step = await performPost(world, main, 'success')
    expect(step.errors[0]?.text).toMatch(/Current status: CHG\d+ is in Implement/)
    expect(step.errors[0]?.text).toMatch(/Manual action required: close CHG/)
  }))

it('fail-on-post-error fails the job instead', () =>
  inWorld({}, async world => {
    const main = await open(world, { 'fail-on-post-error': 'true' })
    world.sandbox.fault({ kind: 'unavailable', path: '/api/', times: FOREVER })
    const step = await performPost(world, main, 'success')
    expect(step.failure?.title).toMatch(/^ServiceNow 503: /)
    expect(step.failure?.text).toMatch(/Manual action required: close CHG/)
    expect(step.errors).toEqual([])
    expect(step.summary).toContain('Manual action required')
  }))

it('a rate limit that resets too late is not waited for', () =>
  inWorld({}, async world => {
    const main = await open(world, { 'max-retries': '20' })
    const before = world.sandbox.requests.length
    world.sandbox.fault({ kind: 'unavailable', path: '/api/', times: FOREVER })
    const step = await performPost(world, main, 'success')
    expect(step.errors[0]?.title).toMatch(/^ServiceNow 503: /)
    // The post step repeats a request three times at most: the runner kills what takes long.
    const polls = world.sandbox.requests.slice(before).filter(one => one.path.startsWith('/api/'))
    expect(polls).toHaveLength(4)
  }))

it('inputs that went wrong since do not fail the job', () =>
  inWorld({}, async world => {
    const main = await open(world, { 'on-success': 'review' })
    const wrong = { inputs: { 'client-certificate': 'gone.pem', 'on-success': 'close' } }
    const step = await performPost(world, main, 'success', wrong)
    expect(step.failure).toBeUndefined()
    expect(step.errors).toEqual([
      {
        title: 'Input error',
        text: expect.stringMatching(
          /`client-secret` is missing[\s\S]*`client-certificate` is new since[\s\S]*Manual action required: move CHG\d+ to Review/
        )
      }
    ])
    expect(step.summary).toMatch(/^## Change after the deployment(?:: failed)?\n/)
    expect(stateOf(world, main)).toBe(IMPLEMENT)
    const strict = await open(world, { version: 'v2', 'fail-on-post-error': 'true' })
    const failing = await performPost(world, strict, 'failure', wrong)
    expect(failing.failure?.text).toMatch(/Manual action required: move CHG\d+ to Review/)
  }))

it.each(['{"version":99}', 'not JSON', '[]', '{"version":3,"inputs":{},"change":{}}'])(
  'saved state that no release wrote, %s: one error, with a fix',
  gate =>
    inWorld({}, async world => {
      const step = await performPost(world, { state: { gate } }, 'success')
      expect(step.failure).toBeUndefined()
      expect(step.errors).toEqual([
        {
          title: 'Change after the deployment: not finished',
          text: expect.stringMatching(/cannot be read[\s\S]*Fix: read the change's number in the log/)
        }
      ])
      expect(step.summary).toMatch(
        /^## Change after the deployment\n\n\*\*Manual action required:\*\* read the change's number/
      )
      expect(world.sandbox.requests).toEqual([])
    })
)

it.each([
  ['1', (change: object) => change],
  ['2', (change: object) => ({ version: 2, inputs: { instance: 'https://evil.example' }, change })]
])('state of version %s: nothing is sent, and the manual action is named', (_, saved) =>
  inWorld({}, async world => {
    const main = await open(world)
    const { change } = JSON.parse(main.state.gate ?? '')
    const before = world.sandbox.requests.length
    const state = { gate: JSON.stringify(saved(change)) }
    const step = await performPost(world, { state }, 'failure')
    expect(step.failure).toBeUndefined()
    expect(step.errors).toEqual([
      {
        title: 'Change after the deployment: not finished',
        text: expect.stringMatching(/another release[\s\S]*Manual action required: move CHG\d+ to Review/)
      }
    ])
    expect(step.summary).toMatch(
      /^## Change after the deployment\n\n\*\*Manual action required:\*\* move CHG/
    )
    expect(world.sandbox.requests).toHaveLength(before)
  })
)
