/** What runs on GitHub is what runs elsewhere, and all of it counts. */
import { readFileSync } from 'node:fs'
import { expect, it } from '@jest/globals'
import { readWorkflow, stepsOf } from './workflow-model.ts'

const text = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const workflow = readWorkflow(text('.github/workflows/ci.yml'))
const LANE = /npm run (?:--silent )?(test:[a-z0-9]+|companion|lint|typecheck)/g

it('the job that stands for all needs every other job', () => {
  const { 'ci-ok': all, ...others } = workflow.jobs
  expect([all?.needs].flat().sort()).toEqual(Object.keys(others).sort())
})

it('every lane of .ci/run is a step on GitHub', () => {
  const lanesOf = (script: string) => [...script.matchAll(LANE)].map(([, lane]) => lane)
  const onGitHub = stepsOf(workflow).flatMap(step => lanesOf(step.run ?? ''))
  const missing = lanesOf(text('.ci/run')).filter(lane => !onGitHub.includes(lane))
  expect(missing).toEqual([])
})
