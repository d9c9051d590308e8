/** A real browser for the sandbox's pages. */
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { ACCOUNTS } from '@change-actions/sandbox'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

/**
 * The path of the browser: `CHROMIUM`, or else the first known name on the PATH.
 * @throws Error when there is none
 */
function chromiumPath(): string {
  const folders = (process.env.PATH ?? '').split(delimiter)
  const candidates = folders.flatMap(folder => NAMES.map(name => join(folder, name)))
  const found = process.env.CHROMIUM ?? candidates.find(isExecutable)
  if (found !== undefined) return found
  throw new Error(
    `There is no Chromium on this machine (${NAMES.join(', ')}). Fix: install the package chromium, or set CHROMIUM to the path of one.`
  )
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

export function startBrowser(): Promise<Browser> {
  // Inside a container Chromium cannot make a sandbox of its own; it sees pages of this repository alone.
  return chromium.launch({ executablePath: chromiumPath(), chromiumSandbox: false })
}

/** A window of a person, and what the browser complained of: violations of the policy, errors, requests elsewhere. */
export interface Window {
  readonly page: Page
  readonly context: BrowserContext
  readonly complaints: readonly string[]
}

/** Opens an empty window with cookies of its own on an instance. */
export async function openWindow(
  browser: Browser,
  url: string,
  options: { colorScheme?: 'light' | 'dark'; javaScriptEnabled?: boolean } = {}
): Promise<Window> {
  const context = await browser.newContext({ baseURL: url, ...options })
  context.setDefaultTimeout(15_000)
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', error => complaints.push(`error: ${error.message}`))
  page.on('console', message => {
    // A page that is sent with an error status is an error to the browser, not to the person.
    const isStatus = /the server responded with a status of/.test(message.text())
    if (message.type() === 'error' && !isStatus) complaints.push(message.text())
  })
  page.on('request', request => {
    if (!request.url().startsWith(`${url}/`)) complaints.push(`requested ${request.url()}`)
  })
  return { page, context, complaints }
}

/** The password of a seeded account. */
export function passwordOf(userName: string): string {
  return ACCOUNTS.find(account => account.userName === userName)?.password ?? ''
}

/** Signs in by the form, and comes back to a path. */
export async function signIn(page: Page, userName: string, to = '/'): Promise<void> {
  await page.goto(`/login.do?to=${encodeURIComponent(to)}`)
  await page.getByLabel('User name').fill(userName)
  await page.getByLabel('Password').fill(passwordOf(userName))
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.getByRole('button', { name: 'Log out' }).waitFor()
}

/** The accessible names of the controls and links of a page that have none: empty when all have one. */
export function controlsWithoutName(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`
    [...document.querySelectorAll('input:not([type=hidden]),select,textarea,button,a,summary,[role=img]')]
      .filter(one => {
        const label = one.labels && one.labels[0] ? one.labels[0].textContent : ''
        return (one.getAttribute('aria-label') || label || one.textContent || '').trim() === ''
      })
      .map(one => one.outerHTML)`)
}

/** The ids that more than one element of a page has. */
export function doubleIds(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`
    [...document.querySelectorAll('[id]')].map(one => one.id).filter((id, index, all) => all.indexOf(id) !== index)`)
}

/** Texts of a page whose contrast with their background is below 4.5 to 1. */
export function faintTexts(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`(() => {
    const channels = color => (color.match(/[\\d.]+/g) || []).map(Number)
    const luminance = color => {
      const [r, g, b] = channels(color).slice(0, 3).map(one => one / 255)
        .map(one => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4))
      return 0.2126 * r + 0.7152 * g + 0.0722 * b
    }
    const background = one => {
      for (let at = one; at; at = at.parentElement) {
        const color = getComputedStyle(at).backgroundColor
        const [, , , alpha = 1] = channels(color)
        if (alpha !== 0) return color
      }
      return 'rgb(255, 255, 255)'
    }
    const ratio = (one, other) => (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05)
    return [...document.querySelectorAll('body *')]
      .filter(one => [...one.childNodes].some(node => node.nodeType === 3 && node.textContent.trim() !== ''))
      .filter(one => !one.closest('svg') && one.getClientRects().length > 0)
      .filter(one => ratio(luminance(getComputedStyle(one).color), luminance(background(one))) < 4.5)
      .map(one => one.outerHTML.slice(0, 120))
  })()`)
}
