import { describe, expect, it } from '@jest/globals'
import nock from '../../../test/nock.ts'
import { addComment, changeComment, commentsOf } from './comments.ts'
import { API, github, problemOf } from './testing/github.ts'

const ISSUE = { owner: 'acme', repo: 'shop', number: 7 }
const LIST = '/repos/acme/shop/issues/7/comments'

const comment = (id: number, login: string | null, body: string | null = `Text ${id}`) => ({
  id,
  html_url: `https://github.test/acme/shop/pull/7#issuecomment-${id}`,
  body,
  user: login === null ? null : { login }
})

describe('comments', () => {
  it('are those of the account, of all pages', async () => {
    const next = `<${API}${LIST}?per_page=100&page=2>; rel="next"`
    nock(API)
      .get(LIST)
      .query({ per_page: 100 })
      .reply(200, [comment(1, 'octocat'), comment(2, 'Shop[bot]'), comment(3, 'shop'), comment(4, null)], {
        link: next
      })
    nock(API)
      .get(LIST)
      .query({ per_page: 100, page: 2 })
      .reply(200, [comment(5, 'shop[bot]', null)])
    expect(await commentsOf(await github(), ISSUE, 'shop[bot]')).toEqual([
      { id: 2, url: comment(2, null).html_url, body: 'Text 2' },
      { id: 5, url: comment(5, null).html_url, body: '' }
    ])
  })

  it('are added and changed', async () => {
    nock(API)
      .post(LIST, { body: 'New' })
      .reply(201, comment(6, 'shop[bot]', 'New'))
    nock(API)
      .patch('/repos/acme/shop/issues/comments/6', { body: 'Newer' })
      .reply(200, comment(6, 'shop[bot]', 'Newer'))
    expect(await addComment(await github(), ISSUE, 'New')).toMatchObject({ id: 6, body: 'New' })
    expect(await changeComment(await github(), ISSUE, 6, 'Newer')).toMatchObject({ id: 6, body: 'Newer' })
  })

  it('are refused to a token that only reads', async () => {
    nock(API).post(LIST).reply(403, { message: 'Resource not accessible by integration' })
    const problem = await problemOf(addComment(await github(), ISSUE, 'New'))
    expect([problem.code, problem.facts.operation]).toEqual([
      'no-permission',
      'commenting on #7 of acme/shop'
    ])
  })
})
