/** The block that the post step writes: the last one about the change. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { inWorld, type World } from '../../testing/perform.ts'
import { performPost } from '../../testing/perform-post.ts'
import { definition } from './main.ts'

const NORMAL = { environment: 'production', 'assignment-group': 'DevOps Team', 'poll-interval': '1' }
const STANDARD = { environment: 'production', 'standard-change-template': 'app-deployment-template' }
const COUNTS = /\| Evidence \| [^|]*unit\.xml: JUnit: 2 tests, 1 failed/

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
    inWorld({ autoApproveAfterMs: 600_000 }, async world => {
      const inputs = { ...NORMAL, ...testsOf(world), timeout: '0' }
      const main = await world.perform(definition, { inputs })
      expect((await performPost(world, main, 'failure')).summary).toMatch(COUNTS)
    }))

  it('tells of the files before the one that failed', () =>
    inWorld({}, async world => {
      writeFileSync(join(world.workspace, 'plan.md'), '# Plan\n')
      const inputs = { ...STANDARD, ...testsOf(world), attachments: '[unit.xml, plan.md]', 'max-retries': '0' }
      world.sandbox.fault({ kind: 'acl', method: 'POST', path: '/api/now/attachment', nth: 2 })
      const main = await world.perform(definition, { inputs })
      expect(main.failure).toBeDefined()
      expect((await performPost(world, main, 'failure')).summary).toMatch(/\| Evidence \| [^|]*unit\.xml/)
    }))
})
