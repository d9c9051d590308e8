import { expect, it } from '@jest/globals'
import { compareArtifacts, formatArtifacts, toArtifactDigest } from './artifacts-mark.ts'
import { parseMarks } from './change-marks.ts'

const A = `sha256:${'a'.repeat(64)}`
const B = `sha256:${'b'.repeat(64)}`

/** Notes as they are read again. */
const noted = (texts: readonly string[], proved = true) => ({
  proved,
  marks: texts.flatMap(text => parseMarks(text, 'artifacts'))
})

it('a digest is sha256 and 64 hex digits, in any case', () => {
  expect(toArtifactDigest(`SHA256:${'AB'.repeat(32)}`)).toBe(`sha256:${'ab'.repeat(32)}`)
  for (const text of ['a'.repeat(64), 'sha256:abc', `sha512:${'a'.repeat(64)}`, `${A}0`, `${A}\n`])
    expect(toArtifactDigest(text)).toBeUndefined()
})

it('the same digests are equal, in whatever order', () => {
  expect(compareArtifacts([B, A], noted([formatArtifacts([A, B], 1)]))).toBe('equal')
  expect(compareArtifacts([A], noted([formatArtifacts([A, B], 1)]))).toBe('differ')
  expect(compareArtifacts([], noted([formatArtifacts([A], 1)]))).toBe('not-given')
})

it('none noted cannot be told, and neither can an equal one that somebody else may have noted', () => {
  expect(compareArtifacts([A], noted([]))).toBe('unknown')
  expect(compareArtifacts([A], undefined)).toBe('unknown')
  expect(compareArtifacts([A], noted([formatArtifacts([A], 1)], false))).toBe('unknown')
  expect(compareArtifacts([B], noted([formatArtifacts([A], 1)], false))).toBe('differ')
})

it('an older note that is repeated says nothing', () => {
  const first = formatArtifacts([A], 1)
  const second = formatArtifacts([B], 2)
  expect(compareArtifacts([A], noted([first, second, first]))).toBe('differ')
  expect(compareArtifacts([B], noted([first, second, first]))).toBe('equal')
})
