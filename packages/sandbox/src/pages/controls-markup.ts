import { type Html, html } from './html.ts'

/** A choice of a list: stored value and label. */
export type Option = readonly [value: string, label: string]

/** A select field with its label. `id` is also the name. */
export function selectField(id: string, label: string, options: readonly Option[], selected: string): Html {
  const items = options.map(([value, text]) =>
    value === selected
      ? html`<option value="${value}" selected>${text}</option>`
      : html`<option value="${value}">${text}</option>`
  )
  return html`<div><label for="${id}">${label}</label><select id="${id}" name="${id}">${items}</select></div>`
}

/** A field of one line with its label. `id` is also the name. */
export function inputField(id: string, label: string, value: string, type = 'text'): Html {
  const attributes =
    type === 'datetime-local' ? html` step="1"` : type === 'number' ? html` min="0" step="any"` : html``
  return html`<div><label for="${id}">${label}</label><input id="${id}" name="${id}" type="${type}" value="${value}"${attributes}></div>`
}

/** A field of several lines with its label. `id` is also the name. */
export function textField(id: string, label: string, value = ''): Html {
  return html`<div><label for="${id}">${label}</label><textarea id="${id}" name="${id}">${value}</textarea></div>`
}

/** A table with headings; wide ones are scrolled in their own frame. */
export function tableOf(caption: string, headings: readonly string[], rows: readonly Html[]): Html {
  const head = headings.map(text => html`<th scope="col">${text}</th>`)
  return html`<div class="table" role="region" aria-label="${caption}" tabindex="0"><table><caption>${caption}</caption><thead><tr>${head}</tr></thead><tbody>${rows}</tbody></table></div>`
}
