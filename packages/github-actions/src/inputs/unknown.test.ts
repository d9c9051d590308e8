import { describe, expect, it } from '@jest/globals'
import { text } from '../index.ts'
import { problemsOf, resolved } from '../testing/inputs.ts'
import { fieldsOf } from './read.ts'
import { unknownInputs } from './unknown.ts'

const shape = {
  timeout: text(),
  policyFile: text(),
  shortDescription: text(),
  assignmentGroup: text(),
  standardChangeTemplate: text(),
  standardRate: text(),
  ownStatus: text({ context: '${{ job.status }}' })
}

const said = (env: Record<string, string>) => unknownInputs(fieldsOf(shape), env)

describe('a variable INPUT_… that no input accounts for', () => {
  it('is an error that names both causes and both fixes when it is near an input', async () => {
    expect(await problemsOf(shape, { INPUT_TIMEUOT: '1h' })).toEqual([
      '`timeuot` is not an input; did you mean `timeout`? Correct the line under `with:`. If INPUT_TIMEUOT is a variable set under `env:` or through GITHUB_ENV instead, rename it: it is never read as an input'
    ])
  })

  it.each([
    ['TIMEUOT', 'timeout'],
    ['TIMOUT', 'timeout'],
    ['POLCY-FIEL', 'policy-file'],
    ['POLICYFILE', 'policy-file'],
    ['SHORTDESCRIPTION', 'short-description'],
    ['SHORT DESCRIPTON', 'short-description'],
    ['ASIGNMENT-GROUP', 'assignment-group'],
    ['ASSIGNEMNT_GRUOP', 'assignment-group'],
    ['STANDARD-TEMPLATE', 'standard-change-template'],
    ['CHANGE_TEMPLATE', 'standard-change-template']
  ])('%s may have meant %s', (name, meant) => {
    const { errors, warnings } = said({ [`INPUT_${name}`]: 'x' })
    expect(errors).toEqual([expect.stringContaining(`is not an input; did you mean \`${meant}\`?`)])
    expect(warnings).toEqual([])
  })

  it('is a warning when it resembles none, and overlooked when it is empty', async () => {
    const warnings: string[] = []
    const env = { INPUT_COLOUR: 'red', 'INPUT_SHORT-DESCRIPTON': '', INPUT_: 'x' }
    await resolved(shape, env, { warn: text => warnings.push(text) })
    expect(warnings).toEqual(['`colour` is not an input and is ignored'])
  })

  it('is no error as a single word, which may be another’s business', () => {
    expect(said({ INPUT_GROUP: 'DevOps' })).toEqual({
      errors: [],
      warnings: ['`group` is not an input and is ignored; near it: `assignment-group`']
    })
    expect(said({ INPUT_TIME: '1' }).errors).toEqual([])
  })

  it('never leads to an input that the runner sets, and no second spelling of one is an input', () => {
    expect(said({ INPUT_OWNSTATU: 'x', INPUT_OWN_STATUS: 'x', 'INPUT_OWN-STATUS': 'failure' })).toEqual({
      errors: [],
      warnings: ['`ownstatu` is not an input and is ignored', '`own_status` is not an input and is ignored']
    })
  })

  it('is not looked at where only some inputs of an action are read', async () => {
    const { values } = await resolved(shape, { INPUT_TIMEUOT: '1h' }, { partial: true })
    expect(values.timeout).toBeUndefined()
  })
})
