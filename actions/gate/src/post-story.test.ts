/** The block that the post step writes: the last one about the change. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { seedId } from '@change-actions/sandbox'
import { describe, expect, it, jest } from '@jest/globals'
import { inWorld, type World } from '../../testing/perform.ts'
import { performPost } from '../../testing/perform-post.ts'
import { definition } from './main.ts'

// The first test loads what reads the files.
jest.setTimeout(30_000)

const NORMAL = { environment: 'production', 'assignment-group': 'DevOps Team', 'poll-interval': '1' }
const STANDARD = { environment: 'production', 'standard-change-template': 'app-deployment-template' }
const COUNTS = /\| Evidence \| [^|]*unit\.xml: JUnit: 2 tests, 1 failed/

/** Nobody approves unless the test does. */
const UNDECIDED = { autoApproveAfterMs: 600_000 }
const APPROVED = { state: '-2', approval: 'approved' }

function testsOf({ workspace }: World): Record<string, string> {
  const junit = '<testsuite><testcase/><testcase><failure/></testcase></testsuite>'
  writeFileSync(join(workspace, 'unit.xml'), junit)
  return { attachments: '- unit.xml' }
}

describe('the evidence with its counts', () => {
  it.each(['success', 'failure', 'cancelled'])('is in the last block after %s', status =>
    inWorld({}, async world => {
      const main = await world.perform(definition, { inputs: { ...STANDARD, ...testsOf(world) } })
      expect(main.summary).toMatch(COUNTS)
      expect((await performPost(world, main, status)).summary).toMatch(COUNTS)
    })
  )

  it('is there where the gate did not open', () =>
    inWorld(UNDECIDED, async world => {
      const inputs = { ...NORMAL, ...testsOf(world), timeout: '0' }
      const main = await world.perform(definition, { inputs })
      expect((await performPost(world, main, 'failure')).summary).toMatch(COUNTS)
    }))

  it('tells of the files before the one that failed', () =>
    inWorld({}, async world => {
      writeFileSync(join(world.workspace, 'plan.md'), '# Plan\n')
      const inputs = {
        ...STANDARD,
        ...testsOf(world),
        attachments: '[unit.xml, plan.md]',
        'max-retries': '0'
      }
      world.sandbox.fault({ kind: 'acl', method: 'POST', path: '/api/now/attachment', nth: 2 })
      const main = await world.perform(definition, { inputs })
      expect(main.failure).toBeDefined()
      // They go side by side: either may be the one that fails.
      const { summary } = await performPost(world, main, 'failure')
      expect(summary).toMatch(/\| Evidence \| (?:[^|]*unit\.xml|plan\.md)/)
    }))
})

/** What becomes of the change while the gate waits. */
type Meanwhile = (world: World, number: string) => void

const set =
  (fields: Readonly<Record<string, string>>): Meanwhile =>
  ({ sandbox }, number) =>
    sandbox.set('change_request', number, fields)

const decideAs =
  (user: string, state: string, comments = ''): Meanwhile =>
  ({ sandbox }, number) => {
    const sysapproval = sandbox.change(number)?.sys_id ?? ''
    const approver = seedId('sys_user', user)
    sandbox.insert('sysapproval_approver', {
      sysapproval,
      document_id: sysapproval,
      approver,
      state,
      comments
    })
  }

const rebind =
  (change: (binding: string) => string): Meanwhile =>
  (world, number) => {
    const binding = change(world.sandbox.change(number)?.correlation_display ?? '')
    set({ ...APPROVED, correlation_display: binding })(world, number)
  }

const CLOSED = { state: '3', approval: 'approved', close_code: 'successful', close_notes: 'Done' }
/** The move to Implement is refused. */
const FORBIDDEN: Meanwhile = (world, number) => {
  set(APPROVED)(world, number)
  world.sandbox.fault({ kind: 'acl', method: 'PATCH', times: 1 })
}
const NEVER: Meanwhile = () => {}
const REJECTED: Meanwhile = (world, number) => {
  decideAs('dora.devops', 'approved')(world, number)
  world.sandbox.reject(number, 'Not on Black Friday.')
}

const OUTCOMES: readonly (readonly [outcome: string, Meanwhile, Readonly<Record<string, string>>])[] = [
  ['rejected', REJECTED, {}],
  ['canceled', set({ state: '4' }), {}],
  ['closed', set(CLOSED), {}],
  ['unexpected-state', set({ state: '0', approval: 'approved' }), {}],
  ['withdrawn', set({ state: '-5', approval: 'not requested' }), {}],
  ['unauthorized', set({ unauthorized: 'true' }), {}],
  ['timeout', decideAs('dora.devops', 'approved'), { timeout: '2' }],
  ['timeout', NEVER, { timeout: '0' }],
  ['window-closed', set({ ...APPROVED, end_date: '2020-01-01 00:00:00' }), {}],
  ['window-not-open', set({ ...APPROVED, start_date: '2099-01-01 00:00:00' }), { timeout: '2' }],
  ['edited', set({ ...APPROVED, description: 'Another one' }), { 'edits-after-submission': 'refuse' }],
  ['stale-approval', rebind(text => text.replace('65dbbeda5ade', '0123456789ab')), {}],
  ['unbound', rebind(() => ''), {}],
  ['no-approver', set(APPROVED), { 'require-approver': 'true' }],
  ['error', FORBIDDEN, {}]
]

/** The parts of a block that say how it ended and why. */
const verdictOf = (summary: string) => /^## CHG\d+: (.*)$/m.exec(summary)?.[1]
const reasonOf = (summary: string) => summary.slice(summary.indexOf('\n'), summary.indexOf('|  |  |')).trim()
const rowsOf = (summary: string) =>
  Object.fromEntries(
    [...summary.matchAll(/^\| (\w[\w ]*) \| (.*) \|$/gm)].map(([, name, text]) => [name, text])
  )

describe('what is deployed', () => {
  it.each(['success', 'failure'])('is told by version and commit, in main and post alike: %s', status =>
    inWorld({}, async world => {
      const inputs = { ...STANDARD, version: 'v1.2.3', commit: 'F00DFACE'.repeat(5) }
      const main = await world.perform(definition, { inputs })
      const post = await performPost(world, main, status)
      expect(rowsOf(main.summary).What).toMatch(/, version v1\.2\.3, commit \[f00dfacef00d\]/)
      expect(rowsOf(post.summary).What).toBe(rowsOf(main.summary).What)
    })
  )
})

describe('a gate that did not open', () => {
  it.each(OUTCOMES)('%s: main and post tell the same', (outcome, meanwhile, inputs) =>
    inWorld(UNDECIDED, async world => {
      let done = false
      const main = await world.perform(definition, {
        inputs: { ...NORMAL, ...inputs },
        onInfo: line => {
          const [number] = /^CHG\d+(?=: waiting for approval)/.exec(line) ?? []
          if (number === undefined || done) return
          done = true
          meanwhile(world, number)
        }
      })
      expect(main.outputs.outcome).toBe(outcome)
      const post = await performPost(world, main, 'failure')
      expect(post.errors).toEqual([])
      // The instance may have moved the change on after the main step had looked last.
      const late = /^not approved in time, nothing is deployed; now in \w+, approval requested$/
      const isLate = outcome === 'timeout' && late.test(verdictOf(post.summary) ?? '')
      if (!isLate) expect(verdictOf(post.summary)).toBe(verdictOf(main.summary))
      expect(reasonOf(post.summary)).toBe(reasonOf(main.summary))
      expect(reasonOf(post.summary)).toMatch(/\nFix: [\s\S]*\n\[More about this error/)
      const { Job, ...rows } = rowsOf(post.summary)
      if (!isLate) expect(rows).toEqual(rowsOf(main.summary))
      expect(Job).toBe('failure')
      expect(rows).not.toHaveProperty('Approved by')
      expect(rows).not.toHaveProperty('Reason')
    })
  )

  it('tells who rejected, and with which words, beside who approved', () =>
    inWorld(UNDECIDED, async world => {
      const main = await world.perform(definition, {
        inputs: NORMAL,
        onInfo: line => {
          if (line.includes('Yet to approve'))
            REJECTED(world, world.sandbox.rows('change_request')[0]?.number ?? '')
        }
      })
      const { summary } = await performPost(world, main, 'failure')
      expect(rowsOf(summary).Decisions).toMatch(
        /Dora Devops approved.*; Anna Approver rejected, \d{4}-[\d: -]* UTC: “Not on Black Friday.”/
      )
    }))

  it('says that the change was canceled after the job, and why nothing was deployed', () =>
    inWorld(UNDECIDED, async world => {
      const inputs = { ...NORMAL, timeout: '0', 'on-timeout': 'cancel' }
      const main = await world.perform(definition, { inputs })
      const { summary } = await performPost(world, main, 'failure')
      expect(verdictOf(summary)).toBe('not approved in time, nothing is deployed; now canceled')
      expect(reasonOf(summary)).toContain('[More about this error')
    }))
})
