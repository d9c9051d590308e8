import { afterEach, describe, expect, it } from '@jest/globals'
import type { SandboxOptions } from '../options.ts'
import { type Sandbox, startSandbox } from '../sandbox.ts'
import { as, CHANGE, newChange } from '../testing/caller.ts'

let sandbox: Sandbox

async function start(options: SandboxOptions = {}): Promise<void> {
  sandbox = await startSandbox({ approvalDelayMs: 0, ...options })
}

afterEach(() => sandbox.stop())

describe('lists', () => {
  async function withChanges(count: number): Promise<void> {
    await start()
    for (let index = 0; index < count; index += 1) await newChange(sandbox, { correlation_id: `c${index}` })
  }

  const numbers = (records: unknown) =>
    (records as Record<string, { value: string } | undefined>[]).flatMap(record => record.number?.value ?? [])

  it('always end with an element that is not a record', async () => {
    await withChanges(1)
    const found = await as(sandbox).get(`${CHANGE}?number=CHG0030001`)
    expect(found.at('result', 'length')).toBe(2)
    expect(found.at('result', 1)).toEqual({
      __meta: { encodedQuery: 'numberINCHG0030001', fields: { applied: ['number'], ignored: [] } }
    })
    const none = await as(sandbox).get(`${CHANGE}?sysparm_query=number=CHG9`)
    expect(none.status).toBe(200)
    expect(none.at('result', 'length')).toBe(1)
  })

  it('match every record when the query has only unknown fields', async () => {
    await withChanges(2)
    const found = await as(sandbox).get(`${CHANGE}?sysparm_query=correlatoin_id=c0`)
    expect(numbers(found.at('result'))).toHaveLength(2)
    expect(found.at('result', 2, '__meta', 'fields')).toEqual({ applied: [], ignored: ['correlatoin_id'] })
  })

  it('skip one row less than the offset', async () => {
    await withChanges(4)
    const pages = await Promise.all(
      [0, 1, 2].map(offset => as(sandbox).get(`${CHANGE}?sysparm_limit=2&sysparm_offset=${offset}`))
    )
    expect(pages.map(page => numbers(page.at('result')))).toEqual([
      ['CHG0030001', 'CHG0030002'],
      ['CHG0030001', 'CHG0030002'],
      ['CHG0030002', 'CHG0030003']
    ])
  })

  it('contain only the type in the path, also with alternatives', async () => {
    await withChanges(1)
    await as(sandbox).post(`${CHANGE}/emergency`, { short_description: 'Hotfix' })
    const emergencies = await as(sandbox).get(
      `${CHANGE}/emergency?sysparm_query=${encodeURIComponent('active=true^NQnumberISNOTEMPTY')}`
    )
    expect(numbers(emergencies.at('result'))).toEqual(['CHG0030002'])
    const all = await as(sandbox).get(`${CHANGE}?order=number`)
    expect(numbers(all.at('result'))).toHaveLength(2)
  })

  it('filter by display values and by text', async () => {
    await withChanges(1)
    await newChange(sandbox, { short_description: 'Rotate certificates', assignment_group: 'Platform Team' })
    const byGroup = await as(sandbox).get(`${CHANGE}?assignment_group=Platform%20Team&state=new`)
    expect(numbers(byGroup.at('result'))).toEqual(['CHG0030002'])
    const byText = await as(sandbox).get(`${CHANGE}?textSearch=rotate`)
    expect(numbers(byText.at('result'))).toEqual(['CHG0030002'])
  })

  it('refuse a limit that is not a number', async () => {
    await withChanges(0)
    expect((await as(sandbox).get(`${CHANGE}?sysparm_limit=many`)).status).toBe(400)
  })
})
