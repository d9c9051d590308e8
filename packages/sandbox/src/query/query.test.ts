import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { type Sandbox, startSandbox } from '../sandbox.ts'
import { as, newChange, TABLE } from '../testing/caller.ts'

const NOW = Date.UTC(2026, 5, 15, 12, 0, 0)
let sandbox: Sandbox

beforeAll(async () => {
  sandbox = await startSandbox({ now: () => NOW })
  await newChange(sandbox, {
    short_description: 'Alpha release',
    risk: '2',
    start_date: '2026-06-15 08:00:00'
  })
  await newChange(sandbox, {
    short_description: 'beta release',
    risk: '3',
    assignment_group: 'Platform Team'
  })
  await newChange(sandbox, {
    short_description: 'Gamma ^ hotfix',
    risk: '',
    start_date: '2026-06-20 08:00:00'
  })
})
afterAll(() => sandbox.stop())

/** The last digit of the number of each change found, in order. */
async function found(query: string): Promise<string> {
  const path = `${TABLE}/change_request?sysparm_fields=number&sysparm_query=${encodeURIComponent(query)}`
  const response = await as(sandbox).get(path)
  return (response.at('result') as { number: string }[]).map(row => row.number.at(-1)).join('')
}

it('on an instance that evaluates no scripts, they match nothing', async () => {
  const plain = await startSandbox({ evaluateQueryScripts: false })
  await newChange(plain)
  const path = `${TABLE}/change_request?sysparm_query=sys_created_by=javascript:gs.getUserName()`
  expect((await as(plain).get(path)).at('result')).toEqual([])
  await plain.stop()
})

describe('encoded queries', () => {
  it.each([
    ['', '123'],
    ['number=CHG0030002', '2'],
    ['number=chg0030002', '2'],
    ['short_description=ALPHA RELEASE', '1'],
    ['short_description!=Alpha release', '23'],
    ['short_descriptionLIKErelease', '12'],
    ['short_description*RELEASE', '12'],
    ['short_descriptionNOT LIKErelease', '3'],
    ['short_description!*release', '3'],
    ['short_descriptionSTARTSWITHgam', '3'],
    ['short_descriptionENDSWITHhotfix', '3'],
    ['short_description%hotfix', '3'],
    ['short_descriptionLIKE^^', '3'],
    ['short_description=Gamma ^^ hotfix', '3'],
    ['short_descriptionLIKErelease^short_descriptionLIKEbeta', '2'],
    ['risk>2', '2'],
    ['risk>=2', '12'],
    ['risk<3', '1'],
    ['risk<=3', '12'],
    ['riskIN2,3', '12'],
    ['riskNOT IN2,3', '3'],
    ['riskBETWEEN2@3', '12'],
    ['riskISEMPTY', '3'],
    ['riskEMPTYSTRING', '3'],
    ['riskISNOTEMPTY', '12'],
    ['riskANYTHING', '123'],
    ['impactSAMEASurgency', '123'],
    ['impactNSAMEASurgency', ''],
    ['risk=2^ORrisk=3', '12'],
    ['risk=3^short_descriptionLIKEbeta^ORshort_descriptionLIKEalpha', '2'],
    ['risk=2^NQshort_descriptionLIKEhotfix', '13'],
    ['risk=2^EQ', '1'],
    ['assignment_group.name=platform team', '2'],
    ['assignment_groupLIKEplatform', '2'],
    ['opened_by.user_name=gha.deployer', '123'],
    ['opened_by=javascript:gs.getUserID()', '123'],
    ['sys_created_by=javascript:gs.getUserName()', '123'],
    ['start_date>2026-06-15 10:00:00', '3'],
    ['start_date<javascript:gs.nowDateTime()', '1'],
    ['start_date>=javascript:gs.hoursAgo(3)', '3'],
    ['start_dateONToday@javascript:gs.beginningOfToday()@javascript:gs.endOfToday()', '1'],
    ['sys_created_by=javascript:gs.exec("rm")', ''],
    ['ORDERBYDESCnumber', '321'],
    ['ORDERBYrisk^ORDERBYDESCnumber', '312'],
    ['riskISNOTEMPTY^ORDERBYDESCshort_description', '21'],
    ['ORDERBYnonsense', '123']
  ])('%s', async (query, expected) => {
    expect(await found(query)).toBe(expected)
  })

  it.each(['nonsense=1', 'number', 'assignment_group.nonsense=1', 'number.name=1', 'Number=1', 'number~1'])(
    'drop the unknown term %s',
    async query => {
      expect(await found(query)).toBe('123')
      expect(await found(`${query}^risk=2`)).toBe('1')
    }
  )

  it('with an unknown field return no rows with invalidQueryReturnsNoRows', async () => {
    const strict = await startSandbox({ invalidQueryReturnsNoRows: true })
    try {
      const groups = (query: string) => as(strict).get(`${TABLE}/sys_user_group?sysparm_query=${query}`)
      expect((await groups('nam=CAB')).at('result')).toEqual([])
      expect((await groups('name=CAB Approval')).at('result', 'length')).toBe(1)
    } finally {
      await strict.stop()
    }
  })
})
