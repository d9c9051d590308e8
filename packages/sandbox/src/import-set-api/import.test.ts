import { expect, it } from '@jest/globals'
import { startSandbox } from '../sandbox.ts'
import { as } from '../testing/caller.ts'

const PATH = '/api/now/import/u_deployment_event'
const ROW = { u_delivery: 'd-1', u_environment: 'production', u_event: 'deployment.started' }

it('stages a row and transforms it; the row says how that went', async () => {
  const sandbox = await startSandbox()
  const { post } = as(sandbox)
  const first = await post(PATH, ROW)
  expect([first.status, first.at('import_set'), first.at('result', 0, 'status')]).toEqual([
    201,
    'ISET0010001',
    'inserted'
  ])
  expect((await post(PATH, ROW)).at('result', 0, 'status')).toBe('ignored')
  expect((await post(PATH, { ...ROW, u_event: 'x' })).at('result', 0, 'status')).toBe('updated')
  const refused = await post(PATH, { u_delivery: 'd-2' })
  expect([refused.status, refused.at('result', 0)]).toEqual([
    201,
    expect.objectContaining({ status: 'error', error_message: expect.stringContaining('mandatory') })
  ])
  expect(sandbox.rows('u_deployment')).toHaveLength(1)
  expect(sandbox.rows('u_deployment_event')).toHaveLength(4)
  const [row] = sandbox.rows('u_deployment_event')
  expect((await as(sandbox).get(`${PATH}/${row?.sys_id}`)).status).toBe(200)
  expect((await as(sandbox).get(`${PATH}/0`)).status).toBe(404)
  expect((await post('/api/now/import/u_unknown', ROW)).status).toBe(400)
  expect((await as(sandbox, 'gha.reader').post(PATH, ROW)).status).toBe(403)
  await sandbox.stop()
})
