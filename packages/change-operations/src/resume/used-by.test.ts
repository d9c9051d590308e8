/** Which further runs use a change, by the notes of these runs. */
import { formatMark } from '@change-actions/change-control'
import { describe, expect, it } from '@jest/globals'
import type { BoundChange } from '../bound/bound-changes.ts'
import type { Deployment } from '../deployment.ts'
import { bindingFor } from '../deployment-texts.ts'
import { boundChanges } from '../index.ts'
import { noteText } from '../notes.ts'
import { bindingNote } from '../own/binding-note.ts'
import { contextOn } from '../testing/context.ts'
import { DEPLOYMENT } from '../testing/deployment.ts'
import { startInstance, type TestInstance } from '../testing/instance.ts'
import { usedBy } from './used-by.ts'

const REPOSITORY = { server: DEPLOYMENT.server, repository: DEPLOYMENT.repository, environments: [] }
const TRUST = { trustedAccounts: [], bindingKey: undefined }

async function changesOf(instance: TestInstance): Promise<readonly BoundChange[]> {
  const { ours } = await boundChanges(contextOn(instance), {
    ...TRUST,
    repositories: [REPOSITORY],
    narrow: query => query,
    fields: [],
    operation: 'reading the bound changes'
  })
  return ours
}

const used = (more: Partial<Deployment>, key?: { readonly key: string; readonly sysId: string }) =>
  noteText(bindingNote({ ...DEPLOYMENT, ...more }, 'used', { signature: key }))

/** An instance with a change that is bound to run 1001, and these notes on it. */
async function noted(...notes: readonly string[]) {
  const instance = startInstance({ readableJournal: true })
  const { number, sysId } = instance.plant({ correlation_display: bindingFor(DEPLOYMENT) })
  for (const text of notes)
    await contextOn(instance).client.changes.update(sysId, { work_notes: text }, { operation: 'noting' })
  instance.forget()
  return { instance, number, sysId, changes: await changesOf(instance) }
}

describe('further runs of a change', () => {
  it('are those that say that they use it: newest first, each once', async () => {
    const { instance, sysId, changes } = await noted(
      used({ run: '1002' }),
      used({ run: '1003', commit: 'f'.repeat(40) }),
      used({ run: '1002' }),
      used({ run: '1001' })
    )
    const found = await usedBy(contextOn(instance), changes, TRUST)
    expect(found.get(sysId)?.map(({ binding }) => [binding.runId, binding.commit.slice(0, 4)])).toEqual([
      ['1003', 'ffff'],
      ['1002', DEPLOYMENT.commit.slice(0, 4)]
    ])
    expect(found.get(sysId)?.[0]?.change.sysId).toBe(sysId)
  })

  it('are none of another repository, and no run that bound it', async () => {
    const { instance, changes } = await noted(
      used({ run: '1002', repository: 'acme/other' }),
      noteText(bindingNote({ ...DEPLOYMENT, run: '1003' }, 'bound', {})),
      `A text with ${formatMark('used', 'nonsense', undefined)}`
    )
    expect(await usedBy(contextOn(instance), changes, TRUST)).toEqual(new Map())
  })

  it('are, with a key, those that are signed', async () => {
    const { instance, sysId, changes } = await noted(used({ run: '1002' }))
    const key = 'a secret of at least some length'
    const update = { work_notes: used({ run: '1004' }, { key, sysId }) }
    await contextOn(instance).client.changes.update(sysId, update, { operation: 'noting' })
    const found = await usedBy(contextOn(instance), changes, { ...TRUST, bindingKey: key })
    expect(found.get(sysId)?.map(({ binding }) => binding.runId)).toEqual(['1004'])
  })

  it('are none where the notes may not be read, and none are asked for without a change', async () => {
    const instance = startInstance({})
    const { sysId } = instance.plant({ correlation_display: bindingFor(DEPLOYMENT) })
    await contextOn(instance).client.changes.update(
      sysId,
      { work_notes: used({ run: '1002' }) },
      { operation: 'noting' }
    )
    expect(await usedBy(contextOn(instance), await changesOf(instance), TRUST)).toEqual(new Map())
    instance.forget()
    await usedBy(contextOn(instance), [], TRUST)
    expect(instance.log).toEqual([])
  })
})
