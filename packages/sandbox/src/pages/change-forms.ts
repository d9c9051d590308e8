import { choiceList } from '../engine/choices.ts'
import { inZone } from '../engine/dates.ts'
import type { Engine } from '../engine/engine.ts'
import { stateName } from '../engine/life-cycle.ts'
import type { Transition } from '../engine/states.ts'
import type { Row } from '../engine/store.ts'
import { changeField } from './change-fields.ts'
import { decidable, isOpen, manualMoves, mayAddNotes, mayWriteChange, unmet } from './change-rights.ts'
import { stateLabel } from './change-states.ts'
import { inputField, type Option, selectField, textField } from './controls-markup.ts'
import { type Html, html } from './html.ts'
import { loginLink, tokenField } from './layout.ts'
import type { Person, Visit } from './visit.ts'

/** What the forms of one change are made from. */
interface Forms {
  readonly engine: Engine
  readonly person: Person
  readonly change: Row
  /** What the person entered into a form that was refused. */
  readonly entered: URLSearchParams
}

const NONE: Option = ['', '(none)']

function form({ person, change }: Forms, legend: string, content: Html): Html {
  return html`<form method="post" action="${`/change_request.do?sys_id=${change.sys_id}`}">${tokenField(person)}<fieldset><legend>${legend}</legend>${content}</fieldset></form>`
}

function button(action: string, label: string, kind = ''): Html {
  return html`<button id="${`button-${action}`}" name="action" value="${action}" class="${kind}">${label}</button>`
}

/** Approve and Reject, where the person may decide; Comment, where the person may write the change. */
function decisionForm(forms: Forms): Html {
  const { engine, person, change, entered } = forms
  const decides = decidable(engine, person, change.sys_id).length > 0
  const writes = mayAddNotes(engine, person, change)
  if (!decides && !writes) return html``
  const decision = decides
    ? html`${button('approve', 'Approve', 'main')} ${button('reject', 'Reject', 'danger')} `
    : html``
  const hint = decides ? html`<p class="soft">A rejection needs a comment.</p>` : html``
  const legend = decides ? 'Your decision' : 'Add to the activity'
  return form(
    forms,
    legend,
    html`${textField('comment', 'Comment', entered.get('comment') ?? '')}${hint}<div class="buttons">${decision}${writes ? button('comment', 'Comment') : html``}</div>`
  )
}

function workNoteForm(forms: Forms): Html {
  const field = textField('work_note', 'Work note', forms.entered.get('work_note') ?? '')
  return form(forms, 'Work note', html`${field}<div class="buttons">${button('note', 'Add work note')}</div>`)
}

/** A move to Closed has fields that are mandatory there. */
function closureFields({ engine, change, entered }: Forms): Html {
  const field = changeField('close_code')
  const codes = field ? choiceList(engine.store, field) : []
  const code = entered.get('close_code') ?? change.close_code ?? ''
  const notes = entered.get('close_notes') ?? change.close_notes ?? ''
  return html`${selectField('close_code', 'Close code', [NONE, ...codes], code)}${textField('close_notes', 'Close notes', notes)}`
}

function moveForm(forms: Forms, move: Transition): Html {
  const { engine, change } = forms
  const label = stateLabel(engine, move.to)
  const missing = unmet(engine, change, move)
  if (missing.length > 0) {
    return html`<p class="soft">Cannot move to ${label}: the condition ${missing.map(name => `"${name}"`).join(', ')} is not met.</p>`
  }
  const fields = stateName(engine, move.to) === 'closed' ? closureFields(forms) : html``
  return form(
    forms,
    `Move to ${label}`,
    html`<input type="hidden" name="action" value="move">${fields}<div class="buttons"><button id="${`move-${move.to}`}" name="to" value="${move.to}">Move to ${label}</button></div>`
  )
}

/** The moves other than cancelling. */
function movesSection(forms: Forms): Html {
  const { engine, change } = forms
  const moves = manualMoves(engine, change).filter(move => stateName(engine, move.to) !== 'canceled')
  return html`${moves.map(move => moveForm(forms, move))}`
}

function cancelForm(forms: Forms): Html {
  const { engine, change, entered } = forms
  const possible = manualMoves(engine, change).some(move => stateName(engine, move.to) === 'canceled')
  if (!possible) return html``
  const reason = textField('cancel_reason', 'Reason for cancelling', entered.get('cancel_reason') ?? '')
  return form(
    forms,
    'Cancel this change',
    html`${reason}<div class="buttons">${button('cancel', 'Cancel change', 'danger')}</div>`
  )
}

function holdForm(forms: Forms): Html {
  const { change, entered } = forms
  if (change.on_hold === 'true') {
    return form(forms, 'Hold', html`<div class="buttons">${button('release', 'Release hold')}</div>`)
  }
  const reason = inputField('on_hold_reason', 'On hold reason', entered.get('on_hold_reason') ?? '')
  return form(
    forms,
    'Hold',
    html`<div class="fields">${reason}</div><div class="buttons">${button('hold', 'Put on hold')}</div>`
  )
}

function recordOptions(engine: Engine, table: string): Option[] {
  const active = engine.store.rows(table).filter(row => row.active === 'true')
  const options = active.map((row): Option => [row.sys_id, row.name ?? ''])
  return [NONE, ...options.sort((left, right) => left[1].localeCompare(right[1]))]
}

function assignForm(forms: Forms): Html {
  const { engine, change, entered } = forms
  const selected = (name: string) => entered.get(name) ?? change[name] ?? ''
  const group = selectField(
    'assignment_group',
    'Assignment group',
    recordOptions(engine, 'sys_user_group'),
    selected('assignment_group')
  )
  const user = selectField(
    'assigned_to',
    'Assigned to',
    recordOptions(engine, 'sys_user'),
    selected('assigned_to')
  )
  return form(
    forms,
    'Assignment',
    html`<div class="fields">${group}${user}</div><div class="buttons">${button('assign', 'Assign')}</div>`
  )
}

function planForm(forms: Forms): Html {
  const { change, person, entered } = forms
  const zone = person.actor.timeZone
  const field = (name: string, label: string) =>
    inputField(
      name,
      label,
      entered.get(name) ?? inZone(change[name] ?? '', zone).replace(' ', 'T'),
      'datetime-local'
    )
  return form(
    forms,
    'Planned dates',
    html`<div class="fields">${field('start_date', 'Planned start date')}${field('end_date', 'Planned end date')}</div><p class="soft">Time zone: ${zone}</p><div class="buttons">${button('plan', 'Plan')}</div>`
  )
}

function formsOf(visit: Visit, change: Row, entered: URLSearchParams): Forms | undefined {
  const { person, site } = visit
  return person && { engine: site.engine, person, change, entered }
}

/** The decision on a requested approval, and comments; before sign-in the way there. */
export function decisionSection(visit: Visit, change: Row, entered: URLSearchParams): Html {
  const forms = formsOf(visit, change, entered)
  const content = forms
    ? decisionForm(forms)
    : html`<p><a href="${loginLink(visit)}">Log in</a> to approve, reject or change this request.</p>`
  return html`<section id="decision" data-live aria-label="Decision">${content}</section>`
}

/** What else a person may do with a change, as the rights of the account and the state of the change allow. */
export function actionsSection(visit: Visit, change: Row, entered: URLSearchParams): Html {
  const forms = formsOf(visit, change, entered)
  if (!forms || !mayWriteChange(forms.person, change)) return html``
  const notes = mayAddNotes(forms.engine, forms.person, change) ? workNoteForm(forms) : html``
  const open = isOpen(forms.engine, change)
    ? html`${movesSection(forms)}${assignForm(forms)}${planForm(forms)}${holdForm(forms)}${cancelForm(forms)}`
    : html``
  if (notes.markup === '' && open.markup === '') return html``
  return html`<section id="actions" data-live aria-labelledby="actions-heading"><h2 id="actions-heading">Actions</h2>${notes}${open}</section>`
}
