import { describe, expect, it } from '@jest/globals'
import { askedFields } from './asked-fields.ts'

const GROUP = { label: 'Assignment group', field: 'assignment_group' }
const empty = () => true

describe('the fields that a refused move asks for', () => {
  it.each([
    ['a condition', ['Assignment group is not empty', 'Not On hold'], '', [GROUP]],
    [
      'the conditions in a refusal',
      [],
      'cannot move: conditions not met: "Assignment group is set"',
      [GROUP]
    ],
    [
      'a data policy',
      [],
      'Data Policy Exception: The following fields are mandatory: Assignment group, Vendor ticket.',
      [GROUP, { label: 'Vendor ticket', field: undefined }]
    ],
    [
      'the text of a rule',
      [],
      "Please fill in the Assignment group. aborted by Business Rule 'Require CI and Configuration item^1'",
      [GROUP]
    ],
    [
      'the longer of two labels',
      ['Short description is not empty'],
      '',
      [{ label: 'Short description', field: 'short_description' }]
    ]
  ])('are named by %s', (_, unmet, message, fields) => {
    expect(askedFields({ unmet, message }, empty)).toEqual(fields)
  })

  it.each([
    ['the change has the field', ['Assignment group is not empty'], '', () => false],
    ['the condition is about something else', ['Not On hold', 'No active Change Tasks'], '', empty],
    ['a rule only has the name of a field', [], "aborted by Business Rule 'Assignment group check^1'", empty],
    ['a word only sounds like a field', [], 'The impact of this is high. A review is required.', empty],
    ['nothing is said', [], '', empty]
  ])('are none where %s', (_, unmet, message, isEmpty) => {
    expect(askedFields({ unmet, message }, isEmpty)).toEqual([])
  })

  it('are named once, however often they are told', () => {
    const message = 'conditions not met: "Assignment group is not empty"'
    expect(askedFields({ unmet: ['Assignment group is not empty'], message }, empty)).toEqual([GROUP])
  })
})
