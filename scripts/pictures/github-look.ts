/** A job summary and an annotation as documents that look as GitHub shows them. */
import { marked } from 'marked'
import { statesFlow } from './states-flow.ts'

const STYLE = `:root{color-scheme:light dark;--text:#1f2328;--soft:#59636e;--page:#fff;--panel:#f6f8fa;--line:#d1d9e0;--link:#0969da;--bad:#d1242f}
@media (prefers-color-scheme:dark){:root{--text:#f0f6fc;--soft:#9198a1;--page:#0d1117;--panel:#151b23;--line:#3d444d;--link:#4493f8;--bad:#f85149}}
body{margin:0;padding:16px;background:var(--page);color:var(--text);font:14px/1.5 -apple-system,"Segoe UI","Noto Sans",Helvetica,Arial,sans-serif}
a{color:var(--link)}h2{font-size:21px;margin:0 0 12px;padding-bottom:6px;border-bottom:1px solid var(--line)}
table{border-collapse:collapse;margin:0 0 14px}td,th{border:1px solid var(--line);padding:5px 12px;text-align:left}thead:not(:has(th:not(:empty))){display:none}
sub{color:var(--soft)}code{background:var(--panel);padding:2px 5px;border-radius:5px;font:12px ui-monospace,monospace}
section{border:1px solid var(--line);border-radius:6px;padding:16px}.name{color:var(--soft);font-size:12px;margin:0 0 12px}
svg.flow{display:block;margin:0 0 14px}svg.flow rect{fill:var(--panel);stroke:var(--line)}svg.flow line{stroke:var(--soft)}svg.flow path{fill:var(--soft)}
svg.flow text{fill:var(--text);font-size:12px;text-anchor:middle}svg.flow .soft{fill:var(--soft);font-size:11px}
.annotation{display:grid;grid-template-columns:24px 1fr;gap:0 8px}.annotation p{margin:0;white-space:pre-wrap;overflow-wrap:anywhere}.annotation b{display:block}
.cross{width:16px;height:16px;fill:var(--bad)}`

const CROSS =
  '<svg class="cross" viewBox="0 0 16 16"><path d="M8 0a8 8 0 1 1 0 16A8 8 0 0 1 8 0Zm3.1 4.9L8 8 4.9 4.9 4 5.8 7.1 8.9 4 12l.9.9L8 9.8l3.1 3.1.9-.9-3.1-3.1L12 5.8Z"/></svg>'

function documentOf(body: string): string {
  return `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Picture</title><style>${STYLE}</style></head><body>${body}</body></html>`
}

/** @param markdown of one step; a Mermaid flowchart in it is drawn as a plain row of boxes */
export async function summaryDocument(markdown: string): Promise<string> {
  const html = await marked.parse(markdown, { gfm: true })
  const drawn = html.replace(
    /<pre><code class="language-mermaid">([\s\S]*?)<\/code><\/pre>/g,
    (_, code: string) => statesFlow(plain(code))
  )
  return documentOf(`<section><p class="name">deploy summary</p>${drawn}</section>`)
}

function plain(html: string): string {
  return html
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
}

export function annotationDocument({
  title,
  text
}: {
  readonly title: string
  readonly text: string
}): string {
  return documentOf(
    `<section><p class="name">Annotations: 1 error</p><div class="annotation">${CROSS}<div><p class="name">deploy</p><b>${escaped(title)}</b><p>${escaped(text)}</p></div></div></section>`
  )
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
