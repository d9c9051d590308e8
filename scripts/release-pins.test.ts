import { describe, expect, it } from '@jest/globals'
import { pinActions, pinProblems, usedAt } from './release-pins.ts'

const COMMIT = '0123456789abcdef0123456789abcdef01234567'
const WORKFLOW = `# uses: change-actions/servicenow/.github/workflows/a.yml@v1
jobs:
  a:
    steps:
      - uses: actions/checkout@v6
      - uses: change-actions/servicenow@v1
      - name: Attach
        uses: change-actions/servicenow/actions/attach-evidence@v1
      - uses: ./.github/actions/deploy
`

describe('the pins of a release', () => {
  const pinned = pinActions(WORKFLOW, COMMIT, 'v1.2.3')

  it('are set for our actions alone', () => {
    expect(pinned.split('\n').filter((line, n) => line !== WORKFLOW.split('\n')[n])).toEqual([
      `      - uses: change-actions/servicenow@${COMMIT} # v1.2.3`,
      `        uses: change-actions/servicenow/actions/attach-evidence@${COMMIT} # v1.2.3`
    ])
    expect(usedAt(WORKFLOW)).toEqual(['v1'])
    expect(usedAt(pinned)).toEqual([COMMIT])
  })

  it('are set anew for another release', () => {
    const other = COMMIT.replace('0', 'f')
    expect(pinActions(pinned, other, 'v1.2.4')).toBe(pinActions(WORKFLOW, other, 'v1.2.4'))
  })

  it('are right where nothing but the workflows changed since that commit', () => {
    const file = '.github/workflows/a.yml'
    const problems = (text: string, changed: readonly string[] | undefined) =>
      pinProblems({ [file]: text }, () => changed)
    expect(problems(pinned, [file])).toEqual([])
    expect(problems(WORKFLOW, [])).toEqual([
      `${file} uses our actions at v1, not at a commit of this release.`
    ])
    expect(problems(pinned, undefined)).toEqual([
      `${file} uses our actions at ${COMMIT}, which is no commit before this one.`
    ])
    expect(problems(pinned, [file, 'dist/lib/index.js'])).toEqual([
      `${file} uses our actions at ${COMMIT}, since which dist/lib/index.js changed.`
    ])
  })
})
