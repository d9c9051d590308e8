import { afterEach, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { type Sandbox, startSandbox } from '../sandbox.ts'
import { ATTACHMENT, approvedChange, as, request } from '../testing/caller.ts'
import { html } from './html.ts'

let sandbox: Sandbox | undefined

afterEach(async () => {
  await sandbox?.stop()
  sandbox = undefined
})

async function start(): Promise<Sandbox> {
  sandbox = await startSandbox({ approvalDelayMs: 0 })
  return sandbox
}

describe('the pages', () => {
  it('show a change with approvals, notes and attachments, and escape all text', async () => {
    const running = await start()
    const id = await approvedChange(running, {
      short_description: '<img src=x onerror=alert(1)>',
      work_notes: '<b>'
    })
    const query = new URLSearchParams({
      table_name: 'change_request',
      table_sys_id: id,
      file_name: '"><i>.html'
    })
    await as(running).send('POST', `${ATTACHMENT}/file?${query}`, {
      body: '<script>',
      headers: { 'content-type': 'text/html' }
    })
    const file = running.attachments(id)[0]?.sysId
    for (const path of [
      `/change_request.do?sys_id=${id}`,
      `/nav_to.do?uri=change_request.do?sys_id=${id}`,
      `/nav_to.do?uri=%2Fchange_request.do%3Fsys_id%3D${id}`
    ]) {
      const { status, text } = await request(`${running.url}${path}`)
      expect(status).toBe(200)
      expect(text).toContain('&lt;img src=x onerror=alert(1)&gt;')
      expect(text).toContain('Anna Approver')
      expect(text).toContain(`/sys_attachment.do?sys_id=${file}`)
      expect(text).not.toMatch(/<img|<b>|<i>|<script>/)
    }
    const list = await request(`${running.url}/`)
    expect(list.text).toContain(`<a href="/change_request.do?sys_id=${id}">CHG0030001</a>`)
    expect(list.headers.get('content-security-policy')).toContain("default-src 'none'")
    const download = await request(`${running.url}/sys_attachment.do?sys_id=${file}`)
    expect(download.text).toBe('<script>')
    const head = await request(`${running.url}/sys_attachment.do?sys_id=${file}`, { method: 'HEAD' })
    expect([head.headers.get('content-length'), head.text]).toEqual(['8', ''])
    expect(download.headers.get('content-disposition')).toBe(
      "attachment; filename*=UTF-8''%22%3E%3Ci%3E.html"
    )
    expect(download.headers.get('content-type')).toBe('application/octet-stream')
  })

  it('respond with 404 for an unknown record or path', async () => {
    const { url } = await start()
    for (const path of ['/change_request.do?sys_id=x', '/sys_attachment.do', '/nonsense.do']) {
      expect((await request(`${url}${path}`)).status).toBe(404)
    }
    expect((await request(`${url}/login.do`)).text).toContain('Log in')
  })
})

describe('html', () => {
  it('escapes text', () => {
    fc.assert(
      fc.property(fc.string(), text => {
        const { markup } = html`<p title="${text}">${text}</p>`
        expect(markup.replace(/^<p title="[^"<>']*">[^<>"']*<\/p>$/, '')).toBe('')
      })
    )
  })
})
