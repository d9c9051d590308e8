import { html, page } from './html.ts'

/** The login page. A real instance may send it with status 200 to an API request. */
export function loginPage(): string {
  return page(
    'Log in | ServiceNow',
    html`<h1>Log in</h1>
<form method="post" action="/login.do"><p><label>User name <input name="user_name"></label></p>
<p><label>Password <input name="user_password" type="password"></label></p><button>Log in</button></form>`
  )
}

/** A hibernating developer instance sends this page, with status 200, for every path. */
export function hibernatingPage(): string {
  return page(
    'Instance Hibernating page',
    html`<h1>Your instance is hibernating</h1><p>Sign in to the developer site to wake it up.</p>`
  )
}

/** The page of a proxy in front of the instance, or of an instance in maintenance (200). */
export function unavailablePage(status: number): string {
  const titles: Record<number, string> = {
    200: 'Maintenance',
    404: 'Not Found',
    502: 'Bad Gateway',
    503: 'Service Unavailable',
    504: 'Gateway Timeout'
  }
  const title = titles[status] ?? 'Error'
  return page(title, html`<h1>${String(status)} ${title}</h1><p>The instance is being maintained.</p>`)
}
