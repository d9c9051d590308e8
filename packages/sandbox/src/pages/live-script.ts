/**
 * The script of the pages, served from a path of its own. It listens to the server's events, requests the page again
 * when something changed, and replaces those parts (`data-live`) whose markup differs. What a person has typed, the
 * focus and opened details are kept.
 */
export const LIVE_SCRIPT = `'use strict'
;(() => {
  const { follow, data, requests } = document.body.dataset
  if (!follow) return
  const topics = follow.split(' ')
  const connection = document.getElementById('connection')
  const status = document.getElementById('live-status')
  const parts = root => [...root.querySelectorAll('[data-live]')]
  const served = new Map(parts(document).map(part => [part.id, part.outerHTML]))
  let announced = announcement(document)

  function announcement(root) {
    const told = root.querySelector('[data-announce]')
    return told ? told.dataset.announce : ''
  }

  function initial(control) {
    if (control.type === 'checkbox') return control.defaultChecked
    if (control.tagName !== 'SELECT') return control.defaultValue
    const options = [...control.options]
    return (options.find(option => option.defaultSelected) || options[0] || { value: '' }).value
  }

  const current = control => (control.type === 'checkbox' ? control.checked : control.value)

  // A form that was refused is served with what the person had entered.
  const wasRefused = document.querySelector('[role=alert]') !== null
  const isText = control => control.tagName === 'TEXTAREA' || control.type === 'text'
  const isEdited = control =>
    current(control) !== initial(control) || (wasRefused && isText(control) && control.value !== '')

  /** A selector that finds the same control or link in the next version of its part. */
  function place(element) {
    if (element.id) return '#' + CSS.escape(element.id)
    const href = element.getAttribute('href')
    return href === null ? '' : 'a[href="' + CSS.escape(href) + '"]'
  }

  /** What a person did to a part since it was served. */
  function edits(part) {
    const controls = [...part.querySelectorAll('input:not([type=hidden]),select,textarea')]
    const focused = document.activeElement
    const hasFocus = part.contains(focused)
    return {
      values: controls.filter(isEdited).map(one => [one.id, current(one)]),
      details: [...part.querySelectorAll('details[id]')].map(one => [one.id, one.open]),
      focus: hasFocus ? place(focused) : undefined,
      selection: hasFocus && focused.tagName === 'TEXTAREA' ? [focused.selectionStart, focused.selectionEnd] : []
    }
  }

  function restore(part, { values, details, focus, selection }) {
    for (const [id, value] of values) {
      const control = document.getElementById(id)
      if (!control) continue
      if (control.type === 'checkbox') control.checked = value
      else control.value = value
    }
    for (const [id, open] of details) {
      const one = document.getElementById(id)
      if (one) one.open = open
    }
    if (focus === undefined) return
    const target = (focus && part.querySelector(focus)) || part
    if (target === part) part.tabIndex = -1
    target.focus({ preventScroll: true })
    if (selection.length > 0 && target.tagName === 'TEXTAREA') target.setSelectionRange(...selection)
  }

  function show(fresh) {
    for (const part of parts(document)) {
      const next = fresh.getElementById(part.id)
      if (!next || served.get(part.id) === next.outerHTML) continue
      served.set(part.id, next.outerHTML)
      const done = edits(part)
      const replacement = document.importNode(next, true)
      part.replaceWith(replacement)
      restore(replacement, done)
    }
    const told = announcement(fresh)
    if (told !== announced) status.textContent = announced = told
  }

  let busy = false
  let again = false
  async function refresh() {
    if (busy) {
      again = true
      return
    }
    busy = true
    try {
      const response = await fetch(location.href, { cache: 'no-store' })
      if (response.ok) show(new DOMParser().parseFromString(await response.text(), 'text/html'))
    } catch {
      // The instance has stopped. The connection of the events says so.
    }
    busy = false
    if (!again) return
    again = false
    setTimeout(refresh, 150)
  }

  let events
  function connect(query) {
    events = new EventSource('/events' + query)
    events.onopen = () => { connection.textContent = 'Live' }
    events.onerror = () => { connection.textContent = 'Not connected' }
    events.onmessage = event => { if (topics.includes(event.data)) refresh() }
  }

  // A browser opens few connections to one server: a page that nobody sees gives its own back.
  document.addEventListener('visibilitychange', () => {
    events.close()
    if (document.hidden) return
    connect('')
    refresh()
  })
  connect('?data=' + data + '&requests=' + requests)
})()
`
