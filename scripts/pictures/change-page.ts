/** A page of the sandbox as a person sees it, saved as one document. */
import { ACCOUNTS } from '@change-actions/sandbox'

const USER = 'anna.approver'

/**
 * The page of a change, for the approver: HTML with its style sheet inside, and without scripts and the values that
 * differ with each visit.
 *
 * @throws Error when the instance does not show it
 */
export async function changePage(instance: string, change: string): Promise<string> {
  const cookie = await signIn(instance)
  const text = async (path: string) => {
    const response = await fetch(`${instance}${path}`, { headers: { cookie } })
    if (!response.ok) throw new Error(`${path}: ${response.status}`)
    return await response.text()
  }
  const html = await text(`/change_request.do?sys_id=${change}`)
  const style = await text('/sandbox.css')
  return html
    .replace(/<link rel="icon"[^>]*>/, '')
    .replace(/<link rel="stylesheet"[^>]*>/, () => `<style>${style}</style>`)
    .replace(/<script[^>]*><\/script>/, '')
    .replaceAll(/ name="sysparm_ck" value="\w+"/g, '')
    .replaceAll(/ data-(?:data|requests)="\d+"/g, '')
}

async function signIn(instance: string): Promise<string> {
  const password = ACCOUNTS.find(account => account.userName === USER)?.password ?? ''
  const response = await fetch(`${instance}/login.do`, {
    method: 'POST',
    body: new URLSearchParams({ user_name: USER, user_password: password }),
    headers: { origin: instance },
    redirect: 'manual'
  })
  const [cookie = ''] = (response.headers.get('set-cookie') ?? '').split(';')
  if (cookie === '') throw new Error(`${USER} could not log in: ${response.status}`)
  return cookie
}
