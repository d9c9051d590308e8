/** The actions beside the gate, under the policy of the environment that they are given. */
import { describe, expect, it } from '@jest/globals'
import { definition as createChange } from '../create-change/src/main.ts'
import { definition as updateChange } from '../update-change/src/main.ts'
import { definition as waitApproval } from '../wait-approval/src/main.ts'
import { inWorld } from './perform.ts'

const POLICY = `defaults: { timeout: 0, risk: low, close-notes: By the policy, on-success: none }
enforce: { type: [normal, emergency] }
environments:
  production: { assignment-group: DevOps Team, enforce: { require-approval: true, change-tasks: fail } }
  dev: { change-controlled: false, assignment-group: Platform Team }
`
const TITLE = { 'short-description': 'Deploy the shop' }
const UNDECIDED = { autoApproveAfterMs: 600_000 }

describe('an action that is given an environment', () => {
  it('takes from the policy what it knows', () =>
    inWorld(UNDECIDED, async world => {
      world.policy(POLICY)
      const created = await world.perform(createChange, { inputs: { ...TITLE, environment: 'Production' } })
      expect(created.failure).toBeUndefined()
      expect(created.outputs.risk).toBe('Low')
      expect(created.info.join('\n')).toMatch(
        /^Policy acme\/shop\/\.github\/servicenow-change\.yml at commit 65dbbeda5ade: its section environments\.production applies, then its defaults; it enforces type, require-approval, change-tasks\.$/m
      )
      const waited = await world.perform(waitApproval, {
        inputs: { environment: 'production', 'fail-when-not-approved': 'false' }
      })
      expect(waited.outputs).toMatchObject({ outcome: 'timeout', polls: '1' })
      const updated = await world.perform(updateChange, {
        inputs: { environment: 'production', 'work-notes': 'x', state: 'canceled', 'close-notes': '' }
      })
      // Of the defaults it knows close-notes, which do not go with canceling.
      expect(updated.failure?.text).toMatch(/`close-notes` goes with closing/)
    }))

  it('need not look up the names that the policy knows', () =>
    inWorld(UNDECIDED, async world => {
      const groups = world.sandbox.rows('sys_user_group')
      const idOf = (name: string) => groups.find(row => row.name === name)?.sys_id
      const policy = (id: string | undefined) =>
        `unlisted: controlled\ndefaults: { assignment-group: DevOps Team }\nnames: { assignment_group: { DevOps Team: ${id} } }`
      world.policy(policy(idOf('DevOps Team')))
      const inputs = { ...TITLE, environment: 'production' }
      const step = await world.perform(createChange, { inputs })
      expect(step.failure).toBeUndefined()
      expect(world.sandbox.requests.filter(one => one.path.includes('sys_user_group'))).toEqual([])
      expect(world.sandbox.change(step.outputs['change-number'] ?? '')?.assignment_group).toBe(
        idOf('DevOps Team')
      )
      world.policy(policy(idOf('Platform Team')))
      const other = await world.perform(createChange, { inputs: { ...inputs, 'correlation-id': 'other' } })
      expect(other.failure?.text).toMatch(
        /does not know assignment_group "DevOps Team \(sys_id [0-9a-f]{32}\)"/
      )
      expect(world.sandbox.change(other.outputs['change-number'] ?? '')?.state).toBe('4')
    }))

  it('has no use for what only matters to another step', () =>
    inWorld(UNDECIDED, async world => {
      world.policy(
        'defaults: { close-code-success: Successful, may-skip: [lint], on-success: close }\nunlisted: controlled'
      )
      const { sysId } = world.plant({ state: '-2', approval: 'approved' })
      const step = await world.perform(updateChange, {
        inputs: { environment: 'production', 'change-sys-id': sysId, state: 'implement' }
      })
      expect(step.failure).toBeUndefined()
      expect(step.outputs.transitions).toBe('implement')
    }))

  it('keeps to what the policy enforces', () =>
    inWorld(UNDECIDED, async world => {
      world.policy(POLICY)
      const environment = 'production'
      const standard = { ...TITLE, environment, 'standard-change-template': 'app-deployment-template' }
      const created = await world.perform(createChange, { inputs: standard })
      expect(created.failure?.text).toMatch(/^`type` must be one of `normal`, `emergency`, not `standard`/)
      const { sysId } = world.plant()
      const waited = await world.perform(waitApproval, {
        inputs: { environment, 'change-sys-id': sysId, 'require-approval': 'false' }
      })
      expect(waited.failure?.text).toMatch(
        /^`require-approval` must be `true`, not `false`: the policy acme\/shop/
      )
      expect(waited.outputs).toEqual({ approved: 'false', outcome: 'error' })
      const updated = await world.perform(updateChange, {
        inputs: { environment, 'change-sys-id': sysId, state: 'review', 'change-tasks': 'leave' }
      })
      expect(updated.failure?.text).toMatch(/^`change-tasks` must be `fail`, not `leave`/)
      expect(world.sandbox.requests).toEqual([])
    }))

  it('acts in one that the policy frees, and says so', () =>
    inWorld(UNDECIDED, async world => {
      world.policy(POLICY)
      const created = await world.perform(createChange, { inputs: { ...TITLE, environment: 'dev' } })
      expect(created.outputs.created).toBe('true')
      expect(created.notices).toEqual([
        expect.stringMatching(
          /"dev" is not change-controlled: change-controlled: false\. This step acts all the same/
        )
      ])
      const group = world.sandbox.rows('sys_user_group').find(row => row.name === 'Platform Team')
      expect(world.sandbox.rows('change_request')[0]?.assignment_group).toBe(group?.sys_id)
      world.policy(`${POLICY}unlisted: free`)
      const free = await world.perform(createChange, {
        inputs: { ...TITLE, environment: 'qa', type: 'normal' }
      })
      expect(free.notices[0]).toMatch(/it is not listed there/)
    }))

  it('is refused in one that must be listed and is not', () =>
    inWorld(UNDECIDED, async world => {
      world.policy(POLICY)
      const inputs = {
        environment: 'qa',
        state: 'implement',
        'work-notes': 'x',
        'change-number': 'CHG0000001'
      }
      for (const definition of [createChange, waitApproval, updateChange] as const) {
        const { environment } = inputs
        const own = definition === updateChange ? inputs : { environment, 'change-number': 'CHG0000001' }
        const step = await world.perform(definition as typeof updateChange, { inputs: own })
        expect(step.failure?.text).toMatch(/the environment "qa" is not listed \(it lists production, dev\)/)
      }
      expect(world.sandbox.requests).toEqual([])
    }))

  it('reads no policy without one', () =>
    inWorld(UNDECIDED, async world => {
      world.policy('nonsense: [')
      const created = await world.perform(createChange, {
        inputs: { ...TITLE, 'assignment-group': 'DevOps Team' }
      })
      expect(created.failure).toBeUndefined()
      expect(created.info.join('\n')).not.toMatch(/[Pp]olicy/)
    }))
})
