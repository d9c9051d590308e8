import { beforeEach, describe, expect, it } from '@jest/globals'
import { problemOf } from '../testing/context.ts'
import { createOn, GIVEN } from '../testing/creation.ts'
import { BOUND } from '../testing/deployment.ts'
import { APIS, momentAt, startInstance, type TestInstance } from '../testing/instance.ts'
import type { CreateRequest } from './request.ts'

const EU = { correlation_id: 'gha-1', short_description: 'Deploy shop to eu', type: 'normal' }
const US = { given: { ...GIVEN, short_description: 'Deploy shop to us' }, titleTells: true }
const SUBMITTED = { ...EU, state: '-4', approval: 'requested' }
let instance: TestInstance

const create = (more: Partial<CreateRequest> = {}, dryRun = false) =>
  createOn(instance, { ...US, ...more }, {}, dryRun)

describe.each(APIS)('the change under a derived identity that has another title (%s)', api => {
  beforeEach(() => {
    instance = startInstance({ api })
  })

  it.each([false, true])('is not shared once it was submitted (dry run: %s)', async dryRun => {
    const { number } = instance.plant(SUBMITTED)
    const { facts, subject } = await problemOf(create({}, dryRun), 'other-title')
    expect(facts).toEqual({ title: 'Deploy shop to eu', given: 'Deploy shop to us' })
    expect(subject?.number).toBe(number)
    expect(instance.writes).toEqual([])
  })

  it('is not shared while its own job is still at work on it', async () => {
    instance.plant({ ...EU, state: '-5' })
    await problemOf(create(), 'other-title')
    expect(instance.writes).toEqual([])
  })

  it('is brought up to date where its job left it in New', async () => {
    const draft = instance.plant({ ...EU, state: '-5', sys_created_on: momentAt(-60_000) })
    expect((await create()).created).toBe(false)
    expect(instance.stored(draft)).toMatchObject({ short_description: 'Deploy shop to us', state: '-4' })
  })

  it('is brought up to date by the next attempt of its own run', async () => {
    const correlationDisplay = BOUND
    instance.plant({ ...EU, state: '-5', correlation_display: correlationDisplay })
    expect((await create({ retried: true, correlationDisplay })).created).toBe(false)
  })

  it.each([
    ['the identity was given', { titleTells: false }],
    ['no title is given', { given: {} }],
    ['the title is the same', { given: { short_description: ' Deploy shop to eu ' } }]
  ])('is reused where %s', async (_, more) => {
    instance.plant(SUBMITTED)
    expect((await create(more)).created).toBe(false)
  })

  it.each([
    [160, true],
    [79, false]
  ])('counts as the same title where %d characters of it are stored: %s', async (length, same) => {
    instance = startInstance({ api, user: 'gha.narrow' })
    const stored = 'x'.repeat(length)
    instance.plant({ ...SUBMITTED, short_description: stored })
    const reused = create({ given: { short_description: `${stored}-us` } })
    if (same) expect((await reused).created).toBe(false)
    else await problemOf(reused, 'other-title')
  })
})
