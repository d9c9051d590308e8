import { beforeEach, describe, expect, it } from '@jest/globals'
import { problemOf } from '../testing/context.ts'
import { createOn, GIVEN } from '../testing/creation.ts'
import { APIS, startInstance, type TestInstance } from '../testing/instance.ts'
import { GROUP } from '../testing/records.ts'
import type { CreateRequest } from './request.ts'

let instance: TestInstance

const create = (more: Partial<CreateRequest> = {}) => createOn(instance, more)

describe.each(APIS)('a change of the same title (%s)', api => {
  const matchTitle = true
  beforeEach(() => {
    instance = startInstance({ api })
  })

  it('is reused when it is the only one', async () => {
    instance.plant({ short_description: 'Deploy shop' })
    instance.plant({ short_description: 'deploy shop' })
    instance.plant({ short_description: 'Deploy shop', state: '3' })
    expect(await create({ matchTitle })).toMatchObject({ created: false, change: { number: 'CHG0030001' } })
  })

  it("is reused in a state of the instance's own, unless that ends a change", async () => {
    instance.addState('107', 'Draft')
    instance.addState('108', 'Archived')
    instance.plant({ short_description: 'Deploy shop', state: '108', active: 'false' })
    const { number } = instance.plant({ short_description: 'Deploy shop', state: '107' })
    expect(await create({ matchTitle })).toMatchObject({ created: false, change: { number } })
  })

  it('is not searched unless requested', async () => {
    instance.plant({ short_description: 'Deploy shop' })
    expect((await create()).created).toBe(true)
  })

  it('is not searched where the change has none', async () => {
    instance.plant({ short_description: '' })
    instance.plant({ short_description: 'undefined' })
    const untitled = { matchTitle, given: { assignment_group: GROUP } }
    expect((await create(untitled)).change?.number).toBe('CHG0030003')
  })

  it('is an error when there are several', async () => {
    instance.plant({ short_description: 'Deploy shop' })
    instance.plant({ short_description: 'Deploy shop' })
    const { facts } = await problemOf(create({ matchTitle }), 'ambiguous-title')
    expect(facts).toEqual({ title: 'Deploy shop', changes: ['CHG0030001', 'CHG0030002'] })
    expect(instance.writes).toEqual([])
  })

  it('is an error when it is something else', async () => {
    instance.plant({ short_description: 'Deploy shop', type: 'emergency' })
    expect((await problemOf(create({ matchTitle }), 'differs')).subject?.number).toBe('CHG0030001')
  })

  it('is not searched when the title would be a query of its own', async () => {
    const title = 'fix^ORactive=true'
    const { created, context } = await create({ matchTitle, given: { ...GIVEN, short_description: title } })
    expect(created).toBe(true)
    expect(context.told('title-not-searched')).toEqual([{ type: 'title-not-searched', title }])
    expect(instance.log.some(line => line.startsWith('find') && line.includes('short_description'))).toBe(
      false
    )
  })
})
