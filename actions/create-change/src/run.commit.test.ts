/** What approvers read about the commit, and what the change is bound to. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { inWorld, type World } from '../../testing/perform.ts'
import { definition } from './main.ts'

const DEPLOY = { 'short-description': 'Deploy the shop', 'assignment-group': 'DevOps Team' }
const RUN = '65dbbeda5ade1f0e3c7b9a4d8e2f6c1b0a9d8e7f'
const OTHER = 'f00dfacef00dfacef00dfacef00dfacef00dface'

function checkOut({ workspace }: World, commit: string): void {
  mkdirSync(join(workspace, '.git'))
  writeFileSync(join(workspace, '.git/HEAD'), `${commit}\n`)
}

const create = ({ perform }: World, inputs: Record<string, string> = {}) =>
  perform(definition, { inputs: { ...DEPLOY, ...inputs } })

const made = ({ sandbox }: World) => sandbox.rows('change_request')[0]

describe('create-change', () => {
  it('binds to what is checked out, and says that the run is of another commit', () =>
    inWorld({}, async world => {
      checkOut(world, OTHER)
      const step = await create(world)
      expect(step.failure).toBeUndefined()
      expect(step.info.join('\n')).toContain(`Commit ${OTHER} is checked out, and the run is of ${RUN}`)
      expect(made(world)?.description).toContain(`Commit: ${OTHER} (the run is of ${RUN})`)
      expect(made(world)?.correlation_display).toContain(OTHER.slice(0, 12))
    }))

  it('says nothing more where the commit of the run is checked out', () =>
    inWorld({}, async world => {
      checkOut(world, RUN)
      await create(world)
      expect(made(world)?.description).toContain(`Commit: ${RUN}\n`)
    }))

  it('tells approvers that the commit is only stated where nothing is checked out', () =>
    inWorld({}, async world => {
      await create(world, { commit: OTHER, source: 'none' })
      expect(made(world)?.description).toContain(
        `Commit: ${OTHER} (commit stated, not observed; the run is of ${RUN})`
      )
    }))

  it('warns of a checkout that it does not understand', () =>
    inWorld({}, async world => {
      checkOut(world, 'ref: refs/heads/.invalid')
      const step = await create(world)
      expect(step.warnings.join('\n')).toContain('of a form that is not understood')
      expect(made(world)?.description).toContain(`Commit: ${RUN} (commit stated, not observed)`)
    }))

  it.each([
    ['a commit that is not the one checked out', { commit: RUN }, `${OTHER} is checked out in the workspace`],
    ['no source and no commit', { source: 'none' }, '`source: none` needs `commit`']
  ])('sends nothing with %s', (_, inputs, text) =>
    inWorld({}, async world => {
      checkOut(world, OTHER)
      const step = await create(world, inputs as Record<string, string>)
      expect(step.failure?.title).toBe('Input error')
      expect(step.failure?.text).toContain(text)
      expect(world.sandbox.requests).toEqual([])
    })
  )
})
