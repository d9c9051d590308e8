import type { Attached } from '@change-actions/change-operations'
import { expect, it } from '@jest/globals'
import { attachmentProgress } from './attachments.ts'

const files = (count: number): Attached[] =>
  Array.from({ length: count }, (_, n) => ({
    name: `TEST-com.acme.shop.Case${n}.xml`,
    file: 'reports/*.xml',
    sysId: String(n).padStart(32, '0'),
    size: 1,
    sha256: 'a'.repeat(64),
    status: 'attached'
  }))

/** Outputs as the runner's file would have them: every value that was set is appended. */
function tools() {
  const appended: string[] = []
  const values: Record<string, string> = {}
  let interrupt: () => void = () => undefined
  const set = (name: string, value: unknown) => {
    values[name] = JSON.stringify(value)
    appended.push(values[name])
  }
  const onInterrupt = (f: () => void) => {
    interrupt = f
  }
  return { outputs: { set, values }, onInterrupt, appended, interrupt: () => interrupt() }
}

it('what is appended for many files is a few times as long as the last value', () => {
  const step = tools()
  const progress = attachmentProgress(step, true)
  for (let n = 1; n <= 1_000; n += 1) progress.update(files(n))
  progress.finish()
  const all = step.appended.join('').length
  const last = step.outputs.values.attachments?.length ?? 0
  expect(JSON.parse(step.outputs.values.attachments ?? '')).toHaveLength(1_000)
  expect(all).toBeLessThan(4 * last)
  expect(step.outputs.values['attached-count']).toBe('1000')
})

it('what was attached is told when the step is interrupted', () => {
  const step = tools()
  const progress = attachmentProgress(step, false)
  for (let n = 1; n <= 7; n += 1) progress.update(files(n))
  expect(JSON.parse(step.outputs.values.attachments ?? '')).toHaveLength(4)
  step.interrupt()
  expect(JSON.parse(step.outputs.values.attachments ?? '')).toHaveLength(7)
})
