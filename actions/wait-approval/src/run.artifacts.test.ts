/** An approval is for the artifacts that the change was made for. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { definition as create } from '../../create-change/src/main.ts'
import { definition as gate } from '../../gate/src/main.ts'
import { inWorld, type World } from '../../testing/perform.ts'
import { definition as wait } from './main.ts'

const A = `sha256:${'a'.repeat(64)}`
const B = `sha256:${'b'.repeat(64)}`
const STANDARD = {
  'short-description': 'Deploy the shop',
  environment: 'production',
  'standard-change-template': 'app-deployment-template'
}
const READABLE = { readableJournal: true }

/** A change made for the digests, and then waited for with others. */
async function waitedFor(world: World, made: string, given: string, more: Record<string, string> = {}) {
  const first = await world.perform(create, { inputs: { ...STANDARD, ...more, 'artifact-digest': made } })
  const environment = 'production'
  const inputs = { environment, timeout: '0', ...more, 'artifact-digest': given }
  return { created: first, waited: await world.perform(wait, { inputs }) }
}

describe('artifact-digest', () => {
  it('is noted for approvers, accepted when given again, and a subject of the proof', () =>
    inWorld(READABLE, async world => {
      const { created, waited } = await waitedFor(world, `${A}\n${B}`, `${B}, ${A}`)
      const notes = world.notes(created.outputs['change-number'] ?? '').join('\n')
      expect(notes).toContain(`What is deployed under this change:\n${A}\n${B}\n[gha2 artifacts 1 `)
      expect(waited.failure).toBeUndefined()
      const proof = JSON.parse(readFileSync(waited.outputs['approval-proof'] ?? '', 'utf8'))
      const digests = proof.subject.map((one: { digest: object }) => one.digest)
      expect(digests).toContainEqual({ sha256: 'a'.repeat(64) })
      expect(digests).toContainEqual({ sha256: 'b'.repeat(64) })
    }))

  it('that differs is a stale approval, also where a new commit is allowed', () =>
    inWorld(READABLE, async world => {
      const { waited } = await waitedFor(world, A, B, { 'allow-new-commit': 'true' })
      expect(waited.outputs).toMatchObject({ outcome: 'stale-approval', approved: 'false' })
      expect(waited.failure?.text).toContain('approved for other artifact digests')
      expect(waited.failure?.text).toContain('deploy what was approved')
    }))

  it('cannot be told where it was not given at the creation, or nobody can see who wrote the note', async () => {
    await inWorld(READABLE, async world => {
      const { waited } = await waitedFor(world, '', A)
      expect(waited.outputs.outcome).toBe('stale-approval')
      expect(waited.failure?.text).toContain('give `artifact-digest` to the step that creates the change')
    })
    await inWorld({}, async world => {
      const { waited } = await waitedFor(world, A, A)
      expect(waited.outputs.outcome).toBe('stale-approval')
      expect(waited.failure?.text).toContain('sys_journal_field')
    })
  })

  it('is proved by the key where nobody can see who wrote the note', () =>
    inWorld({}, async world => {
      const key = { 'binding-key': 'f3c0c3d0aa5f4d4b8a51' }
      const { waited } = await waitedFor(world, A, A, key)
      expect(waited.failure).toBeUndefined()
    }))

  it('is compared with nothing where it is not given again', () =>
    inWorld({}, async world => {
      const { waited } = await waitedFor(world, A, '')
      expect(waited.failure).toBeUndefined()
    }))

  it('of a draft is brought up to date; of a submitted change it stays', () =>
    inWorld({ ...READABLE, autoApproveAfterMs: 600_000 }, async world => {
      const normal = { ...STANDARD, 'standard-change-template': '', 'assignment-group': 'DevOps Team' }
      const draft = { ...normal, 'request-approval': 'false', 'correlation-id': 'shop-1' }
      await world.perform(create, { inputs: { ...draft, 'artifact-digest': A } })
      const again = { ...normal, 'correlation-id': 'shop-1', 'artifact-digest': B }
      const { outputs } = await world.perform(create, { inputs: again })
      expect(outputs.created).toBe('false')
      await world.perform(create, { inputs: { ...again, 'artifact-digest': A } })
      const notes = world.notes(outputs['change-number'] ?? '').join('\n')
      expect(notes.match(/gha2 artifacts \d+/g)).toEqual(['gha2 artifacts 1', 'gha2 artifacts 2'])
    }))

  it('in the gate is noted and compared in one', () =>
    inWorld(READABLE, async world => {
      const inputs = { ...STANDARD, 'artifact-digest': A }
      expect((await world.perform(gate, { inputs })).outputs.outcome).toBe('approved')
      const other = { ...inputs, 'artifact-digest': B, 'take-over': 'true' }
      const env = { GITHUB_RUN_ATTEMPT: '2' }
      expect((await world.perform(gate, { inputs: other, env })).outputs.outcome).toBe('stale-approval')
    }))

  it('stands for the commit where nothing is checked out', () =>
    inWorld({}, async world => {
      const inputs = { ...STANDARD, source: 'none', 'artifact-digest': A }
      const step = await world.perform(create, { inputs })
      expect(step.failure).toBeUndefined()
      const refused = await world.perform(create, { inputs: { ...inputs, 'artifact-digest': '' } })
      expect(refused.failure?.text).toContain('`source: none` needs `commit` or `artifact-digest`')
    }))

  it('of another form is an input error', () =>
    inWorld({}, async world => {
      const inputs = { ...STANDARD, 'artifact-digest': 'ghcr.io/acme/shop:1' }
      const step = await world.perform(create, { inputs })
      expect(step.failure?.text).toContain('it takes sha256: and 64 hex digits')
      expect(world.sandbox.requests).toEqual([])
    }))
})
