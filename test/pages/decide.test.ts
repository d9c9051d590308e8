/** A person decides in a browser while a deployment waits. */

import { type Sandbox, startSandbox } from '@change-actions/sandbox'
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import type { Browser, Page } from 'playwright-core'
import { pendingChange, stateAndApproval } from '../../packages/sandbox/src/testing/caller.ts'
import { DEPLOYMENT, SOON } from '../e2e/harness.ts'
import { Job } from '../e2e/job.ts'
import { openWindow, passwordOf, signIn, startBrowser, type Window } from './browser.ts'

let browser: Browser
let sandbox: Sandbox
let window: Window
const jobs: Job[] = []

beforeAll(async () => {
  browser = await startBrowser()
}, 60_000)
afterAll(() => browser?.close())
afterEach(async () => {
  expect(window.complaints).toEqual([])
  await window.context.close()
  for (const job of jobs.splice(0)) job.end()
  await sandbox.stop()
}, 30_000)

async function start(): Promise<Page> {
  sandbox = await startSandbox({ approvalDelayMs: 0 })
  window = await openWindow(browser, sandbox.url)
  return window.page
}

/** A deployment whose wait-approval waits for the board. */
async function deployment() {
  const env = { SERVICENOW_CLIENT_ID: 'github-actions', SERVICENOW_CLIENT_SECRET: 'sandbox-client-secret' }
  const job = new Job({ instance: sandbox.url, env })
  jobs.push(job)
  const created = await job.pass('create-change', DEPLOYMENT)
  const waiting = job.start('wait-approval', SOON)
  await waiting.prints(/waiting for approval/)
  return { id: created.outputs['change-sys-id'] ?? '', waiting }
}

describe('while wait-approval waits', () => {
  it('Approve lets the deployment proceed', async () => {
    const page = await start()
    const { id, waiting } = await deployment()
    await signIn(page, 'anna.approver')
    await page.getByRole('link', { name: 'CHG0030001' }).click()
    await page.getByLabel('Comment').fill('Go ahead.')
    await page.getByRole('button', { name: 'Approve' }).click()
    await page.getByRole('status').filter({ hasText: 'You approved this change.' }).waitFor()
    const step = await waiting.done
    expect([step.code, step.outputs.approved, step.outputs['approved-by']]).toEqual([
      0,
      'true',
      'Anna Approver'
    ])
    expect(stateAndApproval(sandbox, id)).toEqual(['-2', 'approved'])
    await page.getByRole('img', { name: 'Current state: Scheduled.' }).waitFor()
    await page
      .getByRole('listitem')
      .filter({ hasText: 'Anna Approver' })
      .filter({ hasText: 'Go ahead.' })
      .waitFor()
  }, 60_000)

  it('Reject needs a comment, and stops the deployment with it', async () => {
    const page = await start()
    const { waiting } = await deployment()
    await signIn(page, 'ben.approver')
    await page.getByRole('link', { name: 'CHG0030001' }).click()
    await page.getByRole('button', { name: 'Reject' }).click()
    await page.getByRole('alert').filter({ hasText: 'A rejection needs a comment.' }).waitFor()
    await page.getByLabel('Comment').fill('Not on Black Friday.')
    await page.getByRole('button', { name: 'Reject' }).click()
    await page.getByRole('status').filter({ hasText: 'You rejected this change.' }).waitFor()
    const step = await waiting.done
    expect(step.code).toBe(1)
    expect(step.error.message).toMatch(/Ben Approver \(rejected\): .*Not on Black Friday\./)
  }, 60_000)
})

describe('a person with a keyboard alone', () => {
  /** Presses Tab until the element with that role and name has the focus. */
  async function tabTo(page: Page, role: 'link' | 'button' | 'textbox', name: string): Promise<void> {
    const target = page.getByRole(role, { name, exact: true })
    for (let presses = 0; presses < 60; presses += 1) {
      if (await target.evaluate(one => one === one.ownerDocument.activeElement)) return
      await page.keyboard.press('Tab')
    }
    throw new Error(`Tab does not reach ${role} ${name}`)
  }

  it('signs in, finds a change, writes a comment, approves and logs out', async () => {
    const page = await start()
    const id = await pendingChange(sandbox)
    await page.goto('/')
    await tabTo(page, 'link', 'Log in')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Log in' }).waitFor()
    await tabTo(page, 'textbox', 'User name')
    await page.keyboard.type('anna.approver')
    await page.keyboard.press('Tab')
    await page.keyboard.type(passwordOf('anna.approver'))
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Log out' }).waitFor()
    await tabTo(page, 'link', 'CHG0030001')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Approve' }).waitFor()
    await tabTo(page, 'textbox', 'Comment')
    await page.keyboard.type('By keyboard.')
    await tabTo(page, 'button', 'Approve')
    await page.keyboard.press('Enter')
    const done = page.getByRole('status').filter({ hasText: 'You approved this change.' })
    await done.waitFor()
    expect(await done.evaluate(one => one === one.ownerDocument.activeElement)).toBe(true)
    expect(stateAndApproval(sandbox, id)).toEqual(['-2', 'approved'])
    expect(sandbox.approvers(id)[0]?.comments).toBe('By keyboard.')
    await page.goto('/')
    await tabTo(page, 'button', 'Log out')
    await page.keyboard.press('Enter')
    await page.getByRole('link', { name: 'Log in' }).waitFor()
  }, 60_000)

  it('skips to the content', async () => {
    const page = await start()
    await page.goto('/')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.keyboard.press('Tab')
    const search = page.getByRole('searchbox', { name: 'Search' })
    expect(await search.evaluate(one => one === one.ownerDocument.activeElement)).toBe(true)
  }, 30_000)
})
