import { beforeEach, describe, expect, it } from '@jest/globals'
import type { CreateRequest } from '../create/request.ts'
import { bindingFor } from '../deployment-texts.ts'
import { findUsable } from '../named-change.ts'
import { noteText } from '../notes.ts'
import { contextOn, problemOf } from '../testing/context.ts'
import { createOn } from '../testing/creation.ts'
import { BOUND, DEPLOYMENT, IDENTITY } from '../testing/deployment.ts'
import { APIS, LOST, startInstance, type TestInstance } from '../testing/instance.ts'
import { bindingNote } from './binding-note.ts'
import type { Identity } from './identity.ts'

const ANNA = { sys_created_by: 'anna.approver' }
const OTHER_COMMIT = bindingFor({ ...DEPLOYMENT, commit: 'f'.repeat(40), run: '999' })
const OF_REPOSITORY = bindingFor({ ...DEPLOYMENT, environment: '' })
const ELSEWHERE = bindingFor({ ...DEPLOYMENT, repository: 'acme/other' })
let instance: TestInstance

/** Names a change that is there. */
function use(fields: Record<string, string>, more: Partial<CreateRequest> = {}, dryRun = false) {
  const { number } = instance.plant(fields)
  instance.forget()
  const supplied = { supplied: { number }, requestApproval: false, ...more }
  return createOn(instance, supplied, {}, dryRun)
}

const notes = () => instance.sandbox.journal('CHG0030001').map(note => note.text)

describe.each(APIS)('whose a named change is (%s)', api => {
  beforeEach(() => {
    instance = startInstance({ api })
  })

  it.each([
    ['bound to this repository and environment', BOUND],
    ['bound to this repository alone', OF_REPOSITORY]
  ])('%s: accepted, whoever made it', async (_, correlation_display) => {
    await use({ correlation_display })
    await use({ correlation_display, ...ANNA })
    expect(instance.writes).toEqual([])
  })

  it.each([
    ['another repository', ELSEWHERE],
    ['another environment', bindingFor({ ...DEPLOYMENT, environment: 'staging' })],
    ['another server', bindingFor({ ...DEPLOYMENT, server: 'https://ghe.example' })]
  ])('bound to %s: refused, or accepted as it is', async (_, correlation_display) => {
    const problem = await problemOf(use({ correlation_display }), 'foreign-change')
    expect(problem.facts).toEqual({ why: { code: 'bound-elsewhere' } })
    expect(problem).toMatchObject({ outcome: 'foreign-change', subject: { number: 'CHG0030001' } })
    const { context } = await use(
      { correlation_display },
      { identity: { ...IDENTITY, allowForeignChange: true } }
    )
    expect(context.told('foreign-allowed')).toHaveLength(1)
    expect(instance.writes).toEqual([])
  })

  it.each(['', 'JIRA-1'])('made by our account, with "%s" for its binding: refused', async text => {
    await problemOf(use({ correlation_display: text }), 'unbound')
    expect(instance.writes).toEqual([])
  })

  it('is asked in one request, and only where there is no binding', async () => {
    await use({ correlation_display: '', ...ANNA })
    expect(instance.log.filter(line => line.startsWith('find'))).toHaveLength(2)
    await use({ correlation_display: BOUND })
    expect(instance.log.filter(line => line.startsWith('find'))).toHaveLength(1)
  })
})

describe.each(APIS)('the binding of a change that somebody else made (%s)', api => {
  beforeEach(() => {
    instance = startInstance({ api })
  })

  it('fills an empty field, with a note in the same request, and nothing else', async () => {
    const { change } = await use(
      { correlation_display: '', ...ANNA },
      { given: { short_description: 'Other', risk: '4' } }
    )
    expect(change?.correlationDisplay).toBe(BOUND)
    expect(notes()).toEqual([noteText(bindingNote(DEPLOYMENT, 'bound'))])
    expect(instance.stored('CHG0030001')).toMatchObject({ short_description: '', risk: '3' })
  })

  it('is kept in the note where the field holds the text of another tool', async () => {
    await use({ correlation_display: 'JIRA-1', ...ANNA })
    expect(instance.stored('CHG0030001').correlation_display).toBe('JIRA-1')
    expect(notes()).toHaveLength(1)
    const again = { supplied: { number: 'CHG0030001' }, requestApproval: false }
    await createOn(instance, again)
    expect(notes()).toHaveLength(1)
    const other = { ...IDENTITY, deployment: { ...DEPLOYMENT, repository: 'acme/other' } }
    await problemOf(createOn(instance, { ...again, identity: other }), 'foreign-change')
  })

  it('says in its note that the change was approved before', async () => {
    await use({ correlation_display: '', state: '-2', approval: 'approved', ...ANNA })
    expect(notes()[0]).toMatch(/it was approved before.* late\]$/s)
  })

  it('in a dry run is told', async () => {
    const { context } = await use({ correlation_display: '', ...ANNA }, {}, true)
    expect(context.planned()).toMatchObject([{ type: 'bind', change: { number: 'CHG0030001' } }])
    expect(instance.writes).toEqual([])
  })

  it('whose response was lost is not sent again', async () => {
    instance.fail('update', LOST)
    await use({ correlation_display: '', ...ANNA })
    expect(instance.writes).toHaveLength(1)
  })

  it('that the instance does not keep is told', async () => {
    const run = () => ({ correlation_display: 'JIRA-1' })
    instance.sandbox.addRule({ table: 'change_request', name: 'Bound to the tracker', run })
    const { context } = await use({ correlation_display: '', ...ANNA })
    expect(context.told('not-bound')).toMatchObject([{ change: { correlationDisplay: 'JIRA-1' } }])
  })

  it('that is refused is that problem', async () => {
    instance.fail('update', { kind: 'acl' })
    await problemOf(use({ correlation_display: '', ...ANNA }), 'role')
  })
})

describe.each(APIS)('the binding of a change of ours (%s)', api => {
  beforeEach(() => {
    instance = startInstance({ api })
  })

  it.each<[string, Record<string, string>, string]>([
    ['follows the commit while no approval was requested', {}, BOUND],
    [
      'keeps the commit that an approval was requested for',
      { state: '-4', approval: 'requested' },
      OTHER_COMMIT
    ],
    ['keeps the commit in New while an approval is requested', { approval: 'requested' }, OTHER_COMMIT],
    ['keeps the commit without an approval later than New', { state: '-2' }, OTHER_COMMIT]
  ])('%s', async (_, fields, display) => {
    await use({ correlation_display: OTHER_COMMIT, ...fields })
    expect(instance.stored('CHG0030001').correlation_display).toBe(display)
    expect(notes()).toHaveLength(1)
  })
})

describe.each(APIS)('the change that the variables of the job name (%s)', api => {
  const ofOtherRun = bindingFor({ ...DEPLOYMENT, run: '7' })
  const used = noteText(bindingNote(DEPLOYMENT, 'used'))

  async function ofJob(
    fields: Record<string, string>,
    given: readonly string[] = [],
    identity: Identity = IDENTITY
  ) {
    const { sysId } = instance.plant(fields, given)
    instance.forget()
    return findUsable(contextOn(instance), { sysId, ofJob: true }, identity)
  }

  beforeEach(() => {
    instance = startInstance({ api })
  })

  it('is one that our account made for this run, in one request', async () => {
    expect((await ofJob({})).number).toBe('CHG0030001')
    expect(instance.log).toHaveLength(1)
  })

  it.each<[string, Record<string, string>]>([
    ['made by somebody else', ANNA],
    ['made by somebody else, without a binding', { ...ANNA, correlation_display: '' }],
    ['bound to another run', { correlation_display: ofOtherRun }],
    ['of another repository', { correlation_display: ELSEWHERE }],
    ['without its binding', { correlation_display: '' }]
  ])('%s is refused, also with a note that cannot be proved ours', async (_, fields) => {
    const { facts, outcome } = await problemOf(ofJob(fields, [used]), 'foreign-change')
    expect(facts).toEqual({ why: { code: 'not-of-this-run' } })
    expect(outcome).toBe('foreign-change')
  })

  it('is one that this run used, where the journal tells', async () => {
    instance = startInstance({ api, readableJournal: true })
    const fields = { correlation_display: ofOtherRun }
    expect((await ofJob(fields, [used])).number).toBe('CHG0030001')
    const ofOther = noteText(bindingNote({ ...DEPLOYMENT, run: '8' }, 'used'))
    await problemOf(ofJob(fields, [ofOther]), 'foreign-change')
    const { sysId } = instance.plant(fields)
    instance.set({ sysId }, { work_notes: used })
    const named = findUsable(contextOn(instance), { sysId, ofJob: true }, IDENTITY)
    await problemOf(named, 'foreign-change')
  })

  it('is one that a trusted account made', async () => {
    await ofJob(ANNA, [], { ...IDENTITY, trustedAccounts: ['anna.approver'] })
  })
})

describe.each(APIS)('a change named by its correlation id (%s)', api => {
  const name = { correlationId: 'gha-1' }
  beforeEach(() => {
    instance = startInstance({ api })
  })

  it('is ours, whatever else has that id', async () => {
    instance.plant({ ...ANNA, correlation_id: 'gha-1' })
    instance.plant({ correlation_id: 'gha-1', correlation_display: ELSEWHERE })
    const context = contextOn(instance)
    await problemOf(findUsable(context, name, IDENTITY), 'lookup-none')
    expect(context.told('not-ours')).toHaveLength(2)
    instance.plant({ correlation_id: 'gha-1' })
    expect((await findUsable(contextOn(instance), name, IDENTITY)).number).toBe('CHG0030003')
  })

  it('without its binding is refused, or used with a warning', async () => {
    instance.plant({ correlation_id: 'gha-1', correlation_display: '' })
    await problemOf(findUsable(contextOn(instance), name, IDENTITY), 'unbound')
    const context = contextOn(instance)
    await findUsable(context, name, IDENTITY, 'warn')
    expect(context.told('unbound-used')).toHaveLength(1)
  })
})
