/** List, form and log of requests follow what happens on the instance, without a reload. */
import { type Sandbox, startSandbox } from '@change-actions/sandbox'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import type { Browser } from 'playwright-core'
import { as, CHANGE, newChange, pendingChange } from '../../packages/sandbox/src/testing/caller.ts'
import { openWindow, signIn, startBrowser, type Window } from './browser.ts'

let browser: Browser
let sandbox: Sandbox
let window: Window

beforeAll(async () => {
  browser = await startBrowser()
}, 60_000)
afterAll(() => browser?.close())
beforeEach(async () => {
  sandbox = await startSandbox({ approvalDelayMs: 0 })
  window = await openWindow(browser, sandbox.url)
}, 30_000)
afterEach(async () => {
  expect(window.complaints).toEqual([])
  await window.context.close()
  await sandbox.stop()
}, 30_000)

/** Marks the document, so that a reload would be noticed. */
const mark = () => window.page.evaluate('window.marked = true')
const isMarked = () => window.page.evaluate('window.marked === true')

describe('without a reload', () => {
  it('the list gets new changes and new states, within its filter', async () => {
    const { page } = window
    await page.goto('/?search=deploy')
    await page.getByText('No change requests match the filter.').waitFor()
    await mark()
    const id = await newChange(sandbox, { short_description: 'Deploy the shop' })
    await newChange(sandbox, { short_description: 'Something else' })
    const row = page.getByRole('row').filter({ hasText: 'Deploy the shop' })
    await row.filter({ hasText: 'New' }).waitFor()
    await as(sandbox).patch(`${CHANGE}/${id}`, { state: '-4' })
    await row.filter({ hasText: 'Authorize' }).waitFor()
    expect(await page.getByRole('link', { name: /^CHG/ }).count()).toBe(1)
    expect(await isMarked()).toBe(true)
  }, 30_000)

  it('the form gets the buttons of its next state, and says the state', async () => {
    const { page } = window
    const id = await newChange(sandbox)
    await signIn(page, 'anna.approver', `/change_request.do?sys_id=${id}`)
    await mark()
    expect(await page.getByRole('button', { name: 'Approve' }).count()).toBe(0)
    await page.getByRole('button', { name: 'Move to Assess' }).waitFor()
    await as(sandbox).patch(`${CHANGE}/${id}`, { state: '-4' })
    await page.getByRole('button', { name: 'Approve' }).waitFor()
    await page.getByRole('status').filter({ hasText: 'CHG0030001: Authorize, approval Requested' }).waitFor()
    await page.getByRole('img', { name: 'Current state: Authorize.' }).waitFor()
    sandbox.approve(id, 'ben.approver')
    await page.getByRole('button', { name: 'Approve' }).waitFor({ state: 'detached' })
    expect(await isMarked()).toBe(true)
  }, 30_000)

  it('what a person types, opened details and the focus are kept', async () => {
    const { page } = window
    const id = await pendingChange(sandbox)
    await signIn(page, 'anna.approver', `/change_request.do?sys_id=${id}`)
    await page.getByText('More fields').click()
    await page.getByLabel('Assigned to').selectOption('Paul Platform')
    await page.getByLabel('Comment').pressSequentially('Half a sent')
    sandbox.approve(id, 'ben.approver')
    await page.getByRole('button', { name: 'Approve' }).waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Move to Implement' }).waitFor()
    await page.keyboard.type('ence.')
    expect(await page.getByLabel('Comment').inputValue()).toBe('Half a sentence.')
    expect(await page.getByLabel('Assigned to').locator('option:checked').textContent()).toBe('Paul Platform')
    expect(await page.getByText('Conflict last run').or(page.getByText('Made SLA')).isVisible()).toBe(true)
  }, 30_000)

  it('a comment of a form that was refused is kept too', async () => {
    const { page } = window
    const id = await pendingChange(sandbox)
    await signIn(page, 'anna.approver', `/change_request.do?sys_id=${id}`)
    await page.getByLabel('On hold reason').fill('   ')
    await page.getByLabel('Reason for cancelling').fill('Superseded')
    const elsewhere = sandbox.addRule({
      table: 'change_request',
      name: 'No cancelling',
      run: () => {
        throw new Error('no')
      }
    })
    await page.getByRole('button', { name: 'Cancel change' }).click()
    await page.getByRole('alert').filter({ hasText: 'No cancelling' }).waitFor()
    elsewhere()
    await as(sandbox).patch(`${CHANGE}/${id}`, { short_description: 'Renamed' })
    await page.getByRole('heading', { name: 'CHG0030001: Renamed' }).waitFor()
    expect(await page.getByLabel('Reason for cancelling').inputValue()).toBe('Superseded')
  }, 30_000)

  it('the log gets each request, and opened bodies stay open', async () => {
    const { page } = window
    await newChange(sandbox, { short_description: 'first body' })
    await page.goto('/requests')
    await mark()
    await page.getByText(/^\d+ bytes$/).click()
    await as(sandbox).get('/api/now/table/sys_user?sysparm_limit=1')
    await page.getByRole('cell', { name: '/api/now/table/sys_user?sysparm_limit=1' }).waitFor()
    expect(await page.getByText('first body').isVisible()).toBe(true)
    expect(await isMarked()).toBe(true)
  }, 30_000)

  it('a page finds the instance again after it was away', async () => {
    const { page, complaints } = window
    await page.goto('/')
    await page.getByText('Live', { exact: true }).waitFor()
    const port = Number(new URL(sandbox.url).port)
    await sandbox.stop()
    await page.getByText('Not connected').waitFor()
    sandbox = await startSandbox({ port, approvalDelayMs: 0 })
    await page.getByText('Live', { exact: true }).waitFor()
    await newChange(sandbox, { short_description: 'After the restart' })
    await page.getByRole('cell', { name: 'After the restart' }).waitFor()
    // The browser reports the connection that was lost; nothing else went wrong.
    expect(complaints.filter(one => !/ERR_(?:CONNECTION|INCOMPLETE|EMPTY)/.test(one))).toEqual([])
    ;(complaints as string[]).length = 0
  }, 30_000)
})
