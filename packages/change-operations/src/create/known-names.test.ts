import { seedId } from '@change-actions/sandbox'
import { beforeEach, describe, expect, it } from '@jest/globals'
import { contextOn, problemOf } from '../testing/context.ts'
import { createOn } from '../testing/creation.ts'
import { APIS, startInstance, type TestInstance } from '../testing/instance.ts'
import { GROUP } from '../testing/records.ts'
import type { CreateRequest } from './request.ts'

const CI = seedId('cmdb_ci', 'prod-k8s-cluster')
const DORA = seedId('sys_user', 'dora.devops')

describe.each(APIS)('a record whose sys_id is known by its name (%s)', api => {
  let instance: TestInstance
  beforeEach(() => {
    instance = startInstance({ api })
  })
  const create = (more: Partial<CreateRequest>) =>
    createOn(instance, { given: { short_description: 'x' }, ...more })
  const lookups = () => instance.log.filter(line => /^(look|reference)/.test(line))

  it('is not looked up, and must be shown by the change', async () => {
    const { change } = await create({
      references: { assignment_group: GROUP, cmdb_ci: CI },
      known: { assignment_group: 'devops team', cmdb_ci: 'prod-k8s-cluster' }
    })
    expect(change).toMatchObject({
      state: '-4',
      fields: { assignment_group: { value: GROUP }, cmdb_ci: { value: CI } }
    })
    expect(lookups()).toEqual([])
  })

  it('is looked up after all where the change shows another name: a user may be named by e-mail', async () => {
    const { change } = await create({
      references: { assignment_group: GROUP, assigned_to: DORA },
      known: { assigned_to: 'dora.devops' }
    })
    expect(change).toMatchObject({ state: '-4', fields: { assigned_to: { value: DORA } } })
  })

  it('that is another one by now ends the draft', async () => {
    const made = create({
      references: { assignment_group: GROUP, cmdb_ci: CI },
      known: { assignment_group: 'Platform Team', cmdb_ci: 'prod-k8s-cluster' }
    })
    const { facts } = await problemOf(made, 'not-resolved')
    expect(facts).toEqual({
      values: [{ field: 'assignment_group', value: `Platform Team (sys_id ${GROUP})` }],
      draft: 'CHG0030001'
    })
    expect(instance.stored('CHG0030001').state).toBe('4')
  })

  it('that is another template by now prevents the creation', async () => {
    const template = (await contextOn(instance).client.changes.template('app-deployment-template')).sysId
    const standard = { template, known: { template: 'rollback-template' } }
    const { facts } = await problemOf(create(standard), 'not-resolved')
    expect(facts).toEqual({
      values: [{ field: 'template', value: `rollback-template (sys_id ${template})` }],
      draft: undefined
    })
    expect(instance.writes).toEqual([])
    const { change } = await create({ template, known: { template: 'app-deployment-template' } })
    expect(change?.fields.type?.value).toBe('standard')
  })
})
