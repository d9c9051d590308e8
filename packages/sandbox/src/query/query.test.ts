import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { type Sandbox, startSandbox } from '../sandbox.ts'
import { seedId } from '../seed/seed.ts'
import { as, newChange, TABLE } from '../testing/caller.ts'

const NOW = Date.UTC(2026, 5, 15, 12, 0, 0)
let sandbox: Sandbox

beforeAll(async () => {
  sandbox = await startSandbox({ now: () => NOW })
  const alpha = await newChange(sandbox, {
    short_description: 'Alpha release',
    risk: '2',
    start_date: '2026-06-15 08:00:00',
    end_date: '2026-06-15 05:00:00'
  })
  const beta = await newChange(sandbox, {
    short_description: 'beta release',
    risk: '3',
    assignment_group: 'Platform Team'
  })
  await newChange(sandbox, {
    short_description: 'Gamma ^ hotfix',
    risk: '',
    start_date: '2026-06-20 08:00:00',
    end_date: '2026-06-21 08:00:00',
    assignment_group: '',
    parent: alpha
  })
  for (const short_description of ['Deploy 1', 'Deploy 2'])
    sandbox.insert('change_task', { change_request: beta, short_description, active: 'true' })
  const [me] = sandbox.rows('sys_user').filter(user => user.user_name === 'gha.deployer')
  sandbox.insert('sys_user_grmember', {
    user: me?.sys_id ?? '',
    group: seedId('sys_user_group', 'devops-team')
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
    ['riskISNULL', '3'],
    ['riskISNOTNULL', '12'],
    ['risk=NULL', '3'],
    ['short_descriptionCONTAINSrelease', '12'],
    ['short_descriptionDOES NOT CONTAINrelease', '3'],
    ['short_descriptionMATCH_PAT*a*release', '12'],
    ['short_descriptionMATCH_PATalpha', ''],
    ['active=1', '123'],
    ['sys_class_nameINSTANCEOFtask', '123'],
    ['sys_class_nameINSTANCEOFchange_task', ''],
    ['GOTOnumber>=CHG0030002', '23'],
    ['GROUPBYrisk', '123'],
    ['parent.ref_change_request.risk=2', '3'],
    ['parent.ref_change_request.parent.number=CHG1', ''],
    ['assignment_group.manager.user_name=x', ''],
    ['assignment_groupMATCH_PATplat*', '2'],
    ['start_dateGT_FIELDend_date', '1'],
    ['start_dateLT_FIELDend_date', '3'],
    ['end_dateGT_OR_EQUALS_FIELDstart_date', '3'],
    ['end_dateLT_OR_EQUALS_FIELDstart_date', '1'],
    ['start_dateSAMEASend_date@month^start_dateISNOTEMPTY', '13'],
    ['start_dateNSAMEASend_date@hour', '13'],
    ['end_dateMORETHANstart_date@hour@after@23', '3'],
    ['end_dateLESSTHANstart_date@day@after@2', '3'],
    ['end_dateMORETHANstart_date@hour@before@1', '1'],
    ['end_dateMORETHANstart_date@hour@before or after@1', '13'],
    ['start_dateRELATIVEGT@hour@ahead@1', '3'],
    ['start_dateRELATIVELT@hour@ago@3', '1'],
    ['start_dateRELATIVEEE@dayofweek@ago@0', '1'],
    ['start_dateRELATIVEGE@dayofweek@ahead@1', '3'],
    ['start_dateRELATIVELE@month@ahead@1', '13'],
    ["start_dateDATEPARTMonday@javascript:gs.datePart('dayofweek','monday','EE')", '1'],
    ["start_dateDATEPARTJune@javascript:gs.datePart('month','jun','EE')", '13'],
    ["start_dateDATEPART2025@javascript:gs.datePart('year','2025','GT')", '13'],
    ["start_dateDATEPARTHour@javascript:gs.datePart('hour','1','EE')", '13'],
    ['opened_byDYNAMIC90d1921e5f510100a9ad2572f2b477fe', '123'],
    ['assignment_groupDYNAMICd6435e965f510100a9ad2572f2b47744', '1'],
    ['123TEXTQUERY321=release beta', '2'],
    ['IR_OR_QUERY=hotfix beta', '23'],
    ['JOINchange_request.sys_id=change_task.change_request!short_descriptionLIKEdeploy', '2'],
    ['JOINchange_request.sys_id=change_task.change_request!', '2'],
    ['JOINchange_request.sys_id=change_task.change_request!active=true^^short_description=no', ''],
    ['RLQUERYchange_task.change_request,>=2^active=true^ENDRLQUERY', '2'],
    ['RLQUERYchange_task.change_request,=0,m2m^ENDRLQUERY^riskISNOTEMPTY', '1'],
    ['RLQUERYchange_task.change_request,BETWEEN1@3', '2'],
    ['SUBQUERYsys_id,change_request,change_task^short_description=Deploy 1^ENDSUBQUERY', '2'],
    ['SUBQUERYrequested_by,manager,sys_user_group^^ENDSUBQUERY', ''],
    ['risk=2^SUBQUERYsys_id,change_request,change_task^^ENDSUBQUERY^NQrisk=2', '1'],
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
    ['sys_created_by!=javascript:gs.exec("rm")', ''],
    [
      "start_dateON2026-06-15@javascript:gs.dateGenerate('2026-06-15','start')@javascript:gs.dateGenerate('2026-06-15','end')",
      '1'
    ],
    ['start_dateNOTONToday@javascript:gs.beginningOfToday()@javascript:gs.endOfToday()', '23'],
    ['start_dateBETWEENjavascript:gs.daysAgoStart(1)@javascript:gs.daysAgoEnd(-10)', '13'],
    ['start_date>javascript:gs.endOfThisWeek()', ''],
    ['start_date>=javascript:gs.beginningOfNextMonth()', ''],
    ['start_date>=javascript:gs.beginningOfLast90Days()', '13'],
    ['assignment_groupINjavascript:getMyGroups()', '1'],
    ['opened_by=javascript:gs.getUser().getID()', '123'],
    ['ORDERBYDESCnumber', '321'],
    ['ORDERBYrisk^ORDERBYDESCnumber', '312'],
    ['riskISNOTEMPTY^ORDERBYDESCshort_description', '21'],
    ['ORDERBYnonsense', '123']
  ])('%s', async (query, expected) => {
    expect(await found(query)).toBe(expected)
  })

  it.each(['nonsense=1', 'assignment_group.nonsense=1', 'number.name=1', 'Number=1', 'impactSAMEASnonsense'])(
    'drop the term %s, whose field is unknown',
    async query => {
      expect(await found(query)).toBe('123')
      expect(await found(`${query}^risk=2`)).toBe('1')
    }
  )

  const INVALID = [
    'number',
    'number~1',
    'riskFROBNICATES2',
    'risk=2^ORnumber~1',
    'start_dateRELATIVEGT@fortnight@ago@1',
    "start_dateDATEPARTx@javascript:gs.exec('x')",
    'start_dateMORETHANend_date@day@sideways@1',
    'assignment_groupDYNAMICunknown',
    'JOINsys_user.sys_id=change_task.change_request!',
    'RLQUERYno_table.change_request,>=1^ENDRLQUERY',
    'RLQUERYchange_task.change_request^ENDRLQUERY',
    'SUBQUERYsys_id,change_request,change_task^number~1^ENDSUBQUERY',
    'ENDRLQUERY'
  ]

  it('of any depth fill no stack', async () => {
    expect(await found(`${'parent.'.repeat(1500)}number=1`)).toBe('123')
    const query = encodeURIComponent('SUBQUERYsys_id,parent,change_request^'.repeat(200))
    const nested = await as(sandbox).get(`${TABLE}/change_request?sysparm_query=${query}`)
    expect([nested.status, nested.at('error', 'message')]).toEqual([400, 'Invalid query'])
  })

  it.each(INVALID)('refuse %s', async query => {
    const response = await as(sandbox).get(
      `${TABLE}/change_request?sysparm_query=${encodeURIComponent(query)}`
    )
    expect([response.status, response.at('error', 'message')]).toEqual([400, 'Invalid query'])
    expect(response.at('error', 'detail')).toMatch(/^(Unknown|Invalid) /)
  })

  it('that are refused return no rows with invalidQueryReturnsNoRows', async () => {
    const strict = await startSandbox({ invalidQueryReturnsNoRows: true })
    try {
      await newChange(strict)
      const subquery = 'SUBQUERYsys_id,change_request,change_task^nonsense=1^ENDSUBQUERY'
      for (const query of [...INVALID, subquery]) {
        const path = `${TABLE}/change_request?sysparm_query=${encodeURIComponent(query)}`
        const response = await as(strict).get(path)
        expect([query, response.status, response.at('result')]).toEqual([query, 200, []])
      }
    } finally {
      await strict.stop()
    }
  })

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
