/** What a wait leaves behind as a proof of the approval. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { inWorld } from '../../testing/perform.ts'
import { definition } from './main.ts'

const ONCE = { timeout: '0', 'edits-after-submission': 'ignore' }

describe('the proof of an approval', () => {
  it('names change, commit, run and environment, and its predicate stands beside it', () =>
    inWorld({}, async ({ plantOwn, perform }) => {
      const { number, sysId } = plantOwn({ state: '-2', approval: 'approved' })
      const step = await perform(definition, { inputs: { ...ONCE, 'change-number': number } })
      const path = step.outputs['approval-proof'] ?? ''
      const statement = JSON.parse(readFileSync(path, 'utf8'))
      expect(statement).toMatchObject({
        _type: 'https://in-toto.io/Statement/v1',
        subject: [{ name: 'git+https://github.com/acme/shop', digest: { gitCommit: expect.any(String) } }],
        predicate: {
          change: { number, sysId, state: 'scheduled' },
          approval: { basis: step.outputs['approval-basis'], approvers: [] },
          deployment: { repository: 'acme/shop', commitBasis: 'commit stated, not observed' },
          run: { id: '1001', job: 'deploy', actor: 'kim' }
        }
      })
      expect(JSON.parse(readFileSync(`${path}.predicate.json`, 'utf8'))).toEqual(statement.predicate)
    }))

  it('is not written for a change that is not approved', () =>
    inWorld({}, async ({ plantOwn, perform }) => {
      const { number } = plantOwn({ state: '-4', approval: 'requested' })
      const step = await perform(definition, { inputs: { ...ONCE, 'change-number': number } })
      expect(step.outputs).toMatchObject({ approved: 'false' })
      expect(step.outputs['approval-proof']).toBe('')
    }))
})
