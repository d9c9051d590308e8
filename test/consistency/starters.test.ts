/** What `init` writes, for every combination of answers: a workflow that GitHub takes, and a policy that the gate takes. */
import { afterAll, expect, it } from '@jest/globals'
import { parse } from 'yaml'
import { inputs } from '../../actions/gate/src/inputs.ts'
import { applied, removeWorkspaces, workspaceWith } from '../../packages/github-actions/src/testing/policy.ts'
import { starters } from '../workflows/starter-answers.ts'
import { catalogue } from './catalogue.ts'
import { missingEnvironments, missingPermissions } from './permission-checks.ts'
import {
  credentialProblems,
  permissionProblems,
  pinProblems,
  placeProblems,
  problemsOf
} from './workflow-checks.ts'
import { parserErrors } from './workflow-parser.ts'
import { queueProblems } from './workflow-queue.ts'

const STARTERS = starters()
const WORKFLOWS = new Map(STARTERS.map(({ workflow, answers }) => [workflow, answers]))
const POLICIES = new Map(STARTERS.map(({ policy, answers }) => [policy, answers]))

afterAll(removeWorkspaces)

it('has each answer to each question with each other', () => {
  expect(STARTERS).toHaveLength(3 ** 5)
  expect(new Set(STARTERS.map(({ name }) => name)).size).toBe(3 ** 5)
})

it('is a workflow to GitHub', () => {
  const files = [...WORKFLOWS.keys()].map(content => ({
    name: 'deploy.yml',
    content,
    kind: 'workflow' as const
  }))
  expect(parserErrors({ files, reusable: {} }).flat()).toEqual([])
})

it.each([...WORKFLOWS])('uses what exists, safely: %#', (content, { environment }) => {
  expect([
    ...problemsOf(content, catalogue),
    ...credentialProblems(content),
    ...placeProblems(content, catalogue),
    ...pinProblems(content, catalogue),
    ...permissionProblems(content),
    ...missingPermissions(content, catalogue),
    ...missingEnvironments(content, catalogue),
    ...queueProblems(content)
  ]).toEqual([])
  expect(parse(content)).toMatchObject({ jobs: { deploy: { environment } } })
})

it.each([...POLICIES])(
  'is a policy that controls the environment: %#',
  async (policy, { environment, ...answers }) => {
    const found = await applied(inputs, workspaceWith(policy), { environment })
    expect(found.kind).toBe('controlled')
    expect(parse(policy)).toMatchObject({
      defaults: { 'assignment-group': answers.assignmentGroup },
      environments: {
        [environment]: answers.template === '' ? {} : { 'standard-change-template': answers.template }
      }
    })
  }
)
