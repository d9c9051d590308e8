/** The last block of a job in steps tells the whole story of its change, as far as its steps know it. */
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, jest } from '@jest/globals'
import { definition as attach } from '../../attach-evidence/src/main.ts'
import { definition as create } from '../../create-change/src/main.ts'
import { inWorld, type Performed, type World } from '../../testing/perform.ts'
import { definition as wait } from '../../wait-approval/src/main.ts'
import { definition } from './main.ts'

// The first test loads four actions.
jest.setTimeout(30_000)

const WINDOW = { 'start-date': '2020-01-01T00:00:00Z', 'end-date': '2099-01-01T00:00:00Z' }
const CREATED = { 'short-description': 'Deploy the shop', 'assignment-group': 'DevOps Team', ...WINDOW }
const CLOSED = { state: 'closed', 'close-code': 'successful', 'close-notes': 'Done' }

const junit = ({ workspace }: World, name: string) =>
  writeFileSync(join(workspace, name), '<testsuite><testcase/></testsuite>')
const temp = ({ workspace }: World) => ({ RUNNER_TEMP: join(workspace, 'temp') })
const fileOf = ({ workspace }: World, { outputs }: Performed) =>
  join(workspace, 'temp', `change-story-${outputs['change-sys-id']}.json`)
const statesOf = ({ summary }: Performed) =>
  [...summary.matchAll(/^\| (\w+) \| \d{4}-[\d-]+ [\d:]+ \|$/gm)].map(([, name]) => name)

/** Up to Implement, with a file before the approval. */
async function deployed(world: World, env: Record<string, string>): Promise<Performed> {
  mkdirSync(join(world.workspace, 'temp'))
  junit(world, 'unit.xml')
  const made = await world.perform(create, { inputs: { ...CREATED, attachments: '- unit.xml' }, env })
  expect(made.failure).toBeUndefined()
  const waited = await world.perform(wait, { inputs: { 'poll-interval': '1' }, env })
  expect(waited.failure).toBeUndefined()
  const moved = await world.perform(definition, { inputs: { state: 'implement' }, env })
  expect(moved.failure).toBeUndefined()
  expect(moved.summary).toMatch(/\): in Implement, approval approved\. Measures/)
  return made
}

const close = ({ perform }: World, env: Record<string, string>) =>
  perform(definition, { inputs: CLOSED, env })

describe('the block of the step that closes', () => {
  it('tells states, evidence and window of the whole job', () =>
    inWorld({}, async world => {
      await deployed(world, temp(world))
      junit(world, 'smoke.xml')
      await world.perform(attach, { inputs: { files: 'smoke.xml' }, env: temp(world) })
      const closed = await close(world, temp(world))
      expect(closed.summary).toMatch(/^## CHG\d+: closed as successful\n/)
      expect(statesOf(closed).join(' ')).toMatch(
        /^New (Assess )?(Authorize )?Scheduled Implement Review Closed$/
      )
      expect(closed.summary).toMatch(/\| Evidence \| .*unit\.xml: JUnit: 1 test.*smoke\.xml: JUnit: 1 test/)
      expect(closed.summary).toContain('| Window | 2020-01-01 00:00:00 UTC – 2099-01-01 00:00:00 UTC |')
      expect(closed.summary).toMatch(/\| Approved by \| Anna Approver, /)
    }))

  it('leaves out what is not known', () =>
    inWorld({}, async world => {
      await deployed(world, {})
      const closed = await close(world, {})
      expect(statesOf(closed)).toEqual(['Implement', 'Review', 'Closed'])
      expect(closed.summary).not.toMatch(/\| Evidence \|/)
    }))

  const story = (world: World, { outputs }: Performed, more: object = {}) =>
    JSON.stringify({
      version: 1,
      instance: world.sandbox.url,
      sysId: outputs['change-sys-id'],
      states: [['Forged <b> |', 0]],
      evidence: ['1 <img src=x> [l](https://evil.example)'],
      ...more
    })

  it('shows what a step of the job wrote there as text, and does nothing by it', () =>
    inWorld({}, async world => {
      const made = await deployed(world, temp(world))
      writeFileSync(fileOf(world, made), story(world, made))
      const closed = await close(world, temp(world))
      expect(closed.failure).toBeUndefined()
      expect(closed.outputs.transitions).toBe('review,closed')
      expect(closed.summary).toContain('| Forged &lt;b&gt; \\| | 1970-01-01 00:00:00 |')
      expect(closed.summary).not.toMatch(/<|\]\(https:\/\/evil/)
    }))

  it.each<[string, (world: World, made: Performed) => void]>([
    [
      'another change',
      (world, made) => writeFileSync(fileOf(world, made), story(world, made, { sysId: 'x' }))
    ],
    [
      'another instance',
      (world, made) =>
        writeFileSync(fileOf(world, made), story(world, made, { instance: 'https://x.example' }))
    ],
    ['no known form', (world, made) => writeFileSync(fileOf(world, made), '[')],
    [
      'too many bytes',
      (world, made) => writeFileSync(fileOf(world, made), story(world, made, { x: 'x'.repeat(70_000) }))
    ],
    [
      'a link',
      (world, made) => {
        const other = join(world.workspace, 'other.json')
        writeFileSync(other, story(world, made))
        rmSync(fileOf(world, made))
        symlinkSync(other, fileOf(world, made))
      }
    ]
  ])('takes no story of %s', (_, forge) =>
    inWorld({}, async world => {
      const made = await deployed(world, temp(world))
      forge(world, made)
      const closed = await close(world, temp(world))
      expect(closed.failure).toBeUndefined()
      expect(closed.summary).not.toMatch(/Forged|Evidence/)
    })
  )
})
