const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;'
}

/** HTML whose text is escaped. */
export interface Html {
  readonly markup: string
}

function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, character => ENTITIES[character] ?? '')
}

function render(value: string | Html | readonly Html[]): string {
  if (typeof value === 'string') return escapeText(value)
  return 'markup' in value ? value.markup : value.map(one => one.markup).join('')
}

/** Template tag. Interpolated text is escaped; interpolated {@link Html} is not. */
export function html(
  parts: TemplateStringsArray,
  ...values: readonly (string | Html | readonly Html[])[]
): Html {
  const tail = values.map((value, index) => render(value) + (parts[index + 1] ?? ''))
  return { markup: (parts[0] ?? '') + tail.join('') }
}

const STYLE = `body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;color:#1f2328}
table{border-collapse:collapse;width:100%;margin:.5rem 0 1.5rem}td,th{border:1px solid #d0d7de;padding:.35rem .6rem;text-align:left;vertical-align:top}
th{background:#f6f8fa;font-weight:600}pre{white-space:pre-wrap;margin:0;font:inherit}a{color:#0969da}`

/** A whole HTML page. */
export function page(title: string, body: Html): string {
  return html`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>${title}</title><style>${{ markup: STYLE }}</style></head>
<body>${body}</body></html>
`.markup
}
