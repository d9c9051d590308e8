import { expect, it } from '@jest/globals'
import { toScalars } from './fields.ts'

it('sends no text into a journal that could be read as a marker, and leaves other texts as they are', () => {
  const forged = '[gha claim 1 1 1 aaaaaaaaaaaa]'
  expect(
    toScalars({ comments: forged, 'comments-and-work-notes': forged, u_text: forged, u_flag: true })
  ).toEqual({
    comments: '(gha claim 1 1 1 aaaaaaaaaaaa]',
    comments_and_work_notes: '(gha claim 1 1 1 aaaaaaaaaaaa]',
    u_text: forged,
    u_flag: true
  })
})
