/** The demo for people, with the bundled sandbox: a click approves, and `--hold` ends with addresses. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, it } from '@jest/globals'
import '../fresh-dist.ts'
import { openWindow, signIn, startBrowser } from './browser.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const ADDRESS = /http:\/\/127\.0\.0\.1:\d+\/change_request\.do\?sys_id=[0-9a-f]{32}/

it('waits for a person to approve each of its two changes, and holds the pages open', async () => {
  const browser = await startBrowser()
  const demo = spawn(process.execPath, ['demo/demo.mjs', '--approve-yourself', '--hold'], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit']
  })
  const ended = new Promise<number | null>(resolve => demo.on('exit', resolve))
  const lines: string[] = []
  const asked: string[] = []
  const shown: string[] = []
  try {
    for await (const line of createInterface({ input: demo.stdout })) {
      lines.push(line)
      const [address] = ADDRESS.exec(line) ?? []
      if (address !== undefined && /Your approval is needed/.test(line)) {
        asked.push(address)
        await approve(address)
      } else if (address !== undefined && /^ +part \d: /.test(line)) shown.push(address)
      if (shown.length === 2) break
    }
    expect({ asked, output: lines.slice(-5) }).toEqual({ asked: shown, output: expect.anything() })
    for (const address of shown) expect(await stateAt(address)).toMatch(/^Current state: Closed\./)
  } finally {
    demo.kill('SIGTERM')
    await ended
    await browser.close()
  }
  expect(await ended).toBe(0)

  async function approve(address: string): Promise<void> {
    const { origin, pathname, search } = new URL(address)
    const { page, context, complaints } = await openWindow(browser, origin)
    await signIn(page, 'anna.approver', pathname + search)
    await page.getByRole('button', { name: 'Approve' }).click()
    await page.getByRole('status').filter({ hasText: 'You approved this change.' }).waitFor()
    expect(complaints).toEqual([])
    await context.close()
  }

  async function stateAt(address: string): Promise<string | null> {
    const { page, context } = await openWindow(browser, new URL(address).origin)
    await page.goto(address)
    const name = await page.getByRole('img').getAttribute('aria-label')
    await context.close()
    return name
  }
}, 120_000)
