import { describe, expect, it } from '@jest/globals'
import nock from '../../../test/nock.ts'
import { fileAtCommits } from './file-at-commits.ts'
import { API, github } from './testing/github.ts'

const COMMITS = ['a', 'b', 'c', 'd'].map(digit => digit.repeat(40))
const [first = '', second = '', third = '', fourth = ''] = COMMITS
const PLACE = { owner: 'acme', repo: 'shop', path: 'policy.yml' }
const COMMIT = { __typename: 'Commit' }

describe('a file in many commits', () => {
  it('is a text, absent, or not readable: an absent file needs a commit that is shown', async () => {
    let variables: Record<string, unknown> = {}
    nock(API)
      .post('/graphql', body => {
        variables = body.variables
        return true
      })
      .reply(200, {
        data: {
          repository: {
            commit0: COMMIT,
            file0: { __typename: 'Blob', text: 'a: 1', isTruncated: false },
            commit1: COMMIT,
            file1: null,
            commit2: null,
            file2: null,
            commit3: COMMIT,
            file3: { __typename: 'Tree' }
          }
        }
      })
    const found = await fileAtCommits(await github(), { ...PLACE, commits: COMMITS })
    expect(variables).toMatchObject({ c0: first, f0: `${first}:policy.yml` })
    expect(found.get(first)).toEqual({ kind: 'text', text: 'a: 1' })
    expect(found.get(second)).toEqual({ kind: 'absent' })
    expect(found.get(third)).toEqual({ kind: 'unreadable' })
    expect(found.get(fourth)).toEqual({ kind: 'unreadable' })
  })

  it('takes a request for each hundred commits', async () => {
    const commits = Array.from({ length: 101 }, (_, n) => n.toString(16).padStart(40, '0'))
    const scope = nock(API)
      .post('/graphql')
      .twice()
      .reply(200, { data: { repository: {} } })
    const found = await fileAtCommits(await github(), { ...PLACE, commits })
    expect(scope.isDone()).toBe(true)
    expect(found.size).toBe(101)
  })
})
