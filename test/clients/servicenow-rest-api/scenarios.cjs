// @ts-nocheck: the client is installed when the scenarios are run
const assert = require('node:assert/strict')
const ServiceNow = require('servicenow-rest-api')

const INSTANCE = new URL(process.env.SANDBOX_HTTPS).host
const admin = new ServiceNow(INSTANCE, 'admin', 'admin-password')
const scenarios = []

/** Adds a scenario: an asynchronous function. */
function scenario(name, run) {
  scenarios.push({ name, run })
}

/** What a method of the client gives to its callback: a result, or an error. */
function call(client, method, ...args) {
  return new Promise(resolve => client[method](...args, resolve))
}

async function create(values, table = 'incident') {
  return await call(admin, 'createNewTask', values, table)
}

/** The client uploads nothing, so this is done with the requests of Node. */
async function attach(sysId, name, content) {
  const query = new URLSearchParams({ table_name: 'incident', table_sys_id: sysId, file_name: name })
  const authorization = `Basic ${Buffer.from('admin:admin-password').toString('base64')}`
  const headers = { authorization, 'content-type': 'text/plain' }
  const answer = await fetch(`${process.env.SANDBOX_HTTP}/api/now/attachment/file?${query}`, {
    method: 'POST',
    headers,
    body: content
  })
  return (await answer.json()).result
}

scenario('a sample of a table is one record', async () => {
  const sample = await call(admin, 'getSampleData', 'incident')
  assert.equal(sample.length, 1)
  assert.match(sample[0].number, /^INC/)
})

scenario('fields and filters, with display values', async () => {
  const filters = ['category=network', 'state=2']
  const rows = await call(admin, 'getTableData', ['number', 'state'], filters, 'incident')
  assert.ok(rows.length > 0)
  for (const row of rows)
    assert.deepEqual([Object.keys(row).sort(), row.state], [['number', 'state'], 'In Progress'])
})

scenario('a filter by dots', async () => {
  const filters = ['caller_id.user_name=fred.luddy']
  const rows = await call(admin, 'getTableData', ['number', 'caller_id.name'], filters, 'incident')
  assert.ok(rows.length > 0)
  for (const row of rows) assert.equal(row['caller_id.name'], 'Fred Luddy')
})

scenario('a filter by a text that contains blanks', async () => {
  const filters = ['short_descriptionLIKECan not']
  const rows = await call(admin, 'getTableData', ['short_description'], filters, 'incident')
  assert.ok(rows.length > 1)
  for (const row of rows) assert.match(row.short_description, /can not/i)
})

scenario('every record without fields and filters', async () => {
  const rows = await call(admin, 'getTableData', [], [], 'problem')
  assert.equal(rows.length, 12)
})

scenario('the sys_id of a number', async () => {
  const sysId = await call(admin, 'getSysId', 'incident', 'INC0000001')
  assert.match(sysId, /^[0-9a-f]{32}$/)
})

scenario('a record is created with display values', async () => {
  const created = await create({ short_description: 'New', caller_id: 'Fred Luddy', state: 'In Progress' })
  assert.match(created.number, /^INC/)
  assert.equal(created.state, 'In Progress')
  assert.equal(created.caller_id.display_value, 'Fred Luddy')
})

scenario('a record is updated by its number', async () => {
  const { number } = await create({ short_description: 'Before', description: 'Kept' })
  const updated = await call(admin, 'UpdateTask', 'incident', number, { short_description: 'After' })
  assert.deepEqual([updated.short_description, updated.description], ['After', 'Kept'])
})

scenario('a record is deleted by its number', async () => {
  const { number } = await create({ short_description: 'Short life' })
  const { status } = await call(admin, 'DeleteTask', 'incident', number)
  assert.equal(status, 204)
  assert.deepEqual(await call(admin, 'getTableData', ['number'], [`number=${number}`], 'incident'), [])
})

scenario('the attachments of a record, and one of them', async () => {
  const { sys_id } = await create({ short_description: 'With files' })
  const first = await attach(sys_id, 'first.txt', 'first')
  await attach(sys_id, 'second.txt', 'second')
  const one = await call(admin, 'getAttachmentMetaData', first.sys_id)
  assert.deepEqual([one.file_name, one.size_bytes], ['first.txt', '5'])
  const { data } = await call(admin, 'getAttachment', first.sys_id)
  assert.equal(data, 'first')
})

scenario('a query for a change task by the number of its change', async () => {
  const change = await create({ short_description: 'Change', type: 'normal' }, 'change_request')
  await create({ short_description: 'Task', change_request: change.number }, 'change_task')
  const tasks = await call(admin, 'getChangeTasks', 'change_task', change.sys_id)
  assert.equal(tasks.length, 1)
  assert.match(tasks[0].number, /^CTASK/)
})

scenario('a wrong password is refused', async () => {
  const stranger = new ServiceNow(INSTANCE, 'admin', 'wrong')
  const error = await call(stranger, 'getSampleData', 'incident')
  assert.equal(error.response.status, 401)
})

scenario('a table that does not exist is refused', async () => {
  const error = await call(admin, 'getTableData', [], [], 'no_such_table')
  assert.equal(error.response.status, 400)
  assert.match(error.response.data.error.message, /Invalid table/)
})

scenario('an attachment that does not exist', async () => {
  const error = await call(admin, 'getAttachmentMetaData', '0'.repeat(32))
  assert.equal(error.response.status, 404)
})

/** Runs the scenarios one after the other; a line of JSON each, and how many in the end. */
async function run() {
  for (const one of scenarios) {
    const error = await one.run().then(
      () => null,
      thrown => thrown.stack
    )
    console.log(JSON.stringify({ scenario: one.name, error }))
  }
  console.log(JSON.stringify({ scenarios: scenarios.length }))
}

void run()
