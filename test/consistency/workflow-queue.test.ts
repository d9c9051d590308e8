import { describe, expect, it } from '@jest/globals'
import { SLUG } from '../../packages/github-actions/src/product.ts'
import { read } from './workflow-files.ts'
import { queueProblems, WITHOUT_QUEUE } from './workflow-queue.ts'

/** A workflow of one job with this step, and lines that follow. */
const withStep = (step: string, more = '') =>
  `on: push\njobs:\n  deploy:\n    runs-on: x\n    steps: [${step}]\n${more}`

const GATE = `{ uses: '${SLUG}@v1' }`
const RUN = "{ run: 'true' }"
const call = (path: string) => `on: push\njobs:\n  call: { uses: '${path}' }\n`

describe('a group without a queue is found', () => {
  it.each([
    ['of a workflow with a gate', `concurrency: a\n${withStep(GATE)}`, 'the workflow waits'],
    [
      'of a workflow with a job at an environment',
      `concurrency: { group: a, cancel-in-progress: false }\n${withStep(RUN, '    environment: production\n')}`,
      'the workflow waits'
    ],
    [
      'of a workflow that calls one of ours',
      `concurrency: { group: a, queue: single }\n${call(`${SLUG}/.github/workflows/rollback.yml@v1`)}`,
      'the workflow waits'
    ],
    [
      'of a workflow that calls one of its repository',
      `concurrency: a\n${call('./.github/workflows/deploy.yml')}`,
      'the workflow waits'
    ],
    [
      'of a job that waits for approval',
      withStep(`{ uses: '${SLUG}/actions/wait-approval@v1' }`, '    concurrency: { group: a }\n'),
      'the job deploy waits'
    ]
  ])('%s', (_, content, problem) => {
    expect(queueProblems(content)).toEqual([expect.stringContaining(problem)])
  })
})

describe('there is nothing to say about', () => {
  it.each([
    ['a group that queues', `concurrency: { group: a, queue: max }\n${withStep(GATE)}`],
    ['a workflow that waits for nothing', `concurrency: a\n${withStep(RUN)}`],
    [
      'a group that ends the run before it',
      `concurrency: { group: a, cancel-in-progress: true }\n${withStep(RUN, '    environment: preview\n')}`
    ],
    [
      'a sweep, at the environment of its key',
      `concurrency: a\n${withStep(`{ uses: '${SLUG}/actions/resume-deployments@v1' }`, '    environment: key\n')}`
    ],
    [
      'the group of another job than the one that waits',
      withStep(GATE, `  build:\n    runs-on: x\n    concurrency: a\n    steps: [${RUN}]\n`)
    ]
  ])('%s', (_, content) => {
    expect(queueProblems(content)).toEqual([])
  })
})

it('each exception is for GitHub Enterprise Server, and says so at its group', () => {
  for (const name of WITHOUT_QUEUE) {
    expect(queueProblems(read(name))).toHaveLength(1)
    expect(read(name)).toMatch(/^# GitHub Enterprise Server/)
    expect(read(name)).toMatch(/^# No `queue: max`.*(?:\n#.*)*\nconcurrency:/m)
  }
})
