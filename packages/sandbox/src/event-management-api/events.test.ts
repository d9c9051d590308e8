import { describe, expect, it } from '@jest/globals'
import { startSandbox } from '../sandbox.ts'
import { as } from '../testing/caller.ts'

const PATH = '/api/global/em/jsonv2'
const EVENT = { source: 'GitHub Actions', message_key: 'k', severity: '3', description: 'It failed' }

describe('POST /api/global/em/jsonv2', () => {
  it('stores each record and says how many', async () => {
    const sandbox = await startSandbox()
    const response = await as(sandbox).post(PATH, { records: [EVENT, { ...EVENT, severity: '0' }] })
    expect([response.status, response.at('result')]).toEqual([
      200,
      { 'Default Bulk Endpoint': '2 events were inserted' }
    ])
    expect(sandbox.rows('em_event').map(row => row.severity)).toEqual(['3', '0'])
    expect((await as(sandbox).post(PATH, EVENT)).status).toBe(400)
    expect((await as(sandbox, 'gha.reader').post(PATH, { records: [EVENT] })).status).toBe(403)
    expect((await as(sandbox).get(PATH)).status).toBe(405)
    await sandbox.stop()
  })

  it('is not there without Event Management', async () => {
    const sandbox = await startSandbox({ eventManagement: false })
    const response = await as(sandbox).post(PATH, { records: [EVENT] })
    expect([response.status, response.at('error', 'message')]).toEqual([
      400,
      'Requested URI does not represent any resource'
    ])
    await sandbox.stop()
  })
})
