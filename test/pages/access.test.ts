/** Names, contrast and scripts of every page, and what another site can do: nothing. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Sandbox, startSandbox } from '@change-actions/sandbox'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import type { Browser } from 'playwright-core'
import { pendingChange, stateAndApproval, uploadFile } from '../../packages/sandbox/src/testing/caller.ts'
import {
  controlsWithoutName,
  doubleIds,
  faintTexts,
  openWindow,
  signIn,
  startBrowser,
  type Window
} from './browser.ts'

let browser: Browser
let sandbox: Sandbox
let id: string
const windows: Window[] = []
const servers: Server[] = []

beforeAll(async () => {
  browser = await startBrowser()
}, 60_000)
afterAll(() => browser?.close())
beforeEach(async () => {
  sandbox = await startSandbox({ approvalDelayMs: 0 })
  id = await pendingChange(sandbox)
  await uploadFile(sandbox, id, '{"tests":3}\n')
}, 30_000)
afterEach(async () => {
  for (const window of windows.splice(0)) await window.context.close()
  for (const server of servers.splice(0)) {
    server.close()
    server.closeAllConnections()
  }
  await sandbox.stop()
}, 30_000)

async function open(options: Parameters<typeof openWindow>[2] = {}): Promise<Window> {
  const window = await openWindow(browser, sandbox.url, options)
  windows.push(window)
  return window
}

const PAGES = () => [
  ['/', 'Change Requests'],
  [`/change_request.do?sys_id=${id}`, 'CHG0030001'],
  ['/requests', 'Requests'],
  ['/control', 'Control'],
  ['/login.do', 'Log in'],
  ['/change_request.do?sys_id=none', 'Page not found']
]

describe.each(['light', 'dark'] as const)('every page in %s colours', colorScheme => {
  it('has a title, one heading, a name for each control, ids of one element and enough contrast', async () => {
    const { page, complaints } = await open({ colorScheme })
    sandbox.fault({ kind: 'acl' })
    await signIn(page, 'admin')
    for (const [path = '', title = ''] of PAGES()) {
      await page.goto(path)
      expect(await page.title()).toBe(`${title} | ServiceNow sandbox`)
      expect(await page.getByRole('heading', { level: 1 }).count()).toBe(1)
      expect(await page.getByRole('main').count()).toBe(1)
      expect({ path, names: await controlsWithoutName(page) }).toEqual({ path, names: [] })
      expect({ path, ids: await doubleIds(page) }).toEqual({ path, ids: [] })
      expect({ path, faint: await faintTexts(page) }).toEqual({ path, faint: [] })
    }
    const dark = await page.evaluate('getComputedStyle(document.body).backgroundColor')
    expect(dark).toBe(colorScheme === 'dark' ? 'rgb(13, 17, 23)' : 'rgb(255, 255, 255)')
    expect(complaints).toEqual([])
  }, 60_000)
})

describe('a page', () => {
  it('runs no script that somebody wrote into a change', async () => {
    const { page } = await open()
    const attack = '"><img src=x onerror="window.hit=1"><script>window.hit=1</script>'
    sandbox.set('change_request', id, { short_description: attack, work_notes: attack })
    await uploadFile(sandbox, id, attack, { name: '<script>window.hit=1</script>.html', type: 'text/html' })
    await page.goto(`/change_request.do?sys_id=${id}`)
    await page.getByText('window.hit=1').first().waitFor()
    expect(await page.evaluate('window.hit')).toBeUndefined()
  }, 30_000)

  it('works without scripts', async () => {
    const { page } = await open({ javaScriptEnabled: false })
    await signIn(page, 'anna.approver', `/change_request.do?sys_id=${id}`)
    await page.getByRole('button', { name: 'Approve' }).click()
    await page.getByRole('status').filter({ hasText: 'You approved this change.' }).waitFor()
    expect(stateAndApproval(sandbox, id)).toEqual(['-2', 'approved'])
  }, 30_000)

  it('lets an administrator add a fault and reset', async () => {
    const { page, complaints } = await open()
    await signIn(page, 'admin', '/control')
    await page.getByLabel('Fault', { exact: true }).selectOption('429, too many requests')
    await page.getByLabel('Path contains').fill('/change')
    await page.getByRole('button', { name: 'Add fault' }).click()
    await page.getByRole('status').filter({ hasText: 'The fault was added.' }).waitFor()
    const response = await fetch(`${sandbox.url}/api/sn_chg_rest/v1/change`)
    expect(response.status).toBe(429)
    await page.getByRole('cell', { name: '1', exact: true }).waitFor()
    await page.getByRole('button', { name: 'Reset' }).click()
    await page.getByRole('status').filter({ hasText: 'The sandbox was reset.' }).waitFor()
    expect(sandbox.change(id)).toBeUndefined()
    expect(complaints).toEqual([])
  }, 30_000)
})

describe('another site', () => {
  it('can neither send a form with the session of a person, nor show or read a page', async () => {
    const { page, context } = await open()
    await signIn(page, 'anna.approver', `/change_request.do?sys_id=${id}`)
    const address = `${sandbox.url}/change_request.do?sys_id=${id}`
    const foreign = createServer((_, output) => {
      output.setHeader('Content-Type', 'text/html')
      output.end(`<form method="post" action="${address}"><input name="action" value="approve"><button>Win</button></form>
<iframe src="${address}"></iframe>`)
    }).listen(0, '127.0.0.1')
    servers.push(foreign)
    await once(foreign, 'listening')
    // Another port of this machine counts as the same site for cookies; another name does not.
    const { port } = foreign.address() as AddressInfo
    for (const origin of [`http://127.0.0.1:${port}`, `http://localhost:${port}`]) {
      const attacker = await context.newPage()
      await attacker.goto(origin)
      // The page is there before the error that stands in the frame.
      const framed = attacker.frames()[1]
      while (framed?.url() === '') await attacker.waitForTimeout(20)
      const frames = attacker.frames().map(frame => frame.url())
      expect(frames).toEqual([`${origin}/`, 'chrome-error://chromewebdata/'])
      const read = await attacker.evaluate<string>(
        `fetch('${address}', { credentials: 'include' }).then(() => 'read', () => 'refused')`
      )
      expect(read).toBe('refused')
      const sent = attacker.waitForResponse(
        response => response.url() === address && response.request().method() === 'POST'
      )
      await attacker.getByRole('button', { name: 'Win' }).click()
      expect((await sent).status()).toBe(403)
      await attacker.close()
    }
    expect(stateAndApproval(sandbox, id)).toEqual(['-3', 'requested'])
  }, 60_000)
})
