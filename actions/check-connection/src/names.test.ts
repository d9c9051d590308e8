/** The output with names for the policy. */
import { describe, expect, it } from '@jest/globals'
import { parse } from 'yaml'
import { inWorld } from '../../testing/perform.ts'
import { definition } from './main.ts'
import { namesYaml } from './names.ts'

describe('names', () => {
  it('that were found are an output for the policy, which then takes them', () =>
    inWorld({}, async ({ perform, sandbox }) => {
      const idOf = (table: string, name: string) =>
        sandbox.rows(table).find(row => row.name === name)?.sys_id ?? ''
      const ci = idOf('cmdb_ci', 'prod-k8s-cluster')
      const template = idOf('std_change_record_producer', 'app-deployment-template')
      const inputs = {
        'assignment-group': 'devops team',
        'cmdb-ci': 'prod-k8s-cluster',
        'standard-change-template': 'app-deployment-template',
        'close-code-success': 'successful'
      }
      const { outputs } = await perform(definition, { inputs })
      const policy = parse(`names:\n${outputs.names}`)
      expect(policy).toEqual({
        names: {
          // As a step gives it, for so it is looked for.
          'assignment-group': { 'devops team': idOf('sys_user_group', 'DevOps Team') },
          'cmdb-ci': { 'prod-k8s-cluster': ci },
          'standard-change-template': { 'app-deployment-template': template }
        }
      })
    }))

  it('stay text in YAML, whatever is in them', () => {
    const names = ['1e3', 'a: b # c', '"quoted"', 'two\nlines', '~']
    const known = names.map(name => ({ input: 'cmdb-ci', name, sysId: '1'.repeat(32) }))
    expect(parse(`names:\n${namesYaml(known)}`)).toEqual({
      names: { 'cmdb-ci': Object.fromEntries(names.map(name => [name, '1'.repeat(32)])) }
    })
  })

  it('that were not found, or are a sys_id already, are in no output', () =>
    inWorld({}, async ({ perform, sandbox }) => {
      const group = sandbox.rows('sys_user_group').find(row => row.name === 'DevOps Team')?.sys_id ?? ''
      for (const name of ['DevOps Taem', group]) {
        const step = await perform(definition, { inputs: { 'assignment-group': name } })
        expect(step.outputs.names).toBe('')
      }
    }))
})
