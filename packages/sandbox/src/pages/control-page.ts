import { hasRole } from '../engine/actor.ts'
import type { ListedFault } from '../faults/faults.ts'
import type { ApprovalPolicy } from '../options.ts'
import type { HttpResponse } from '../server/response.ts'
import { inputField, type Option, selectField, tableOf } from './controls-markup.ts'
import { FAULT_KINDS, faultFields, faultFrom } from './fault-form.ts'
import { type Html, html } from './html.ts'
import { loginLink, seeOther, sitePage, tokenField } from './layout.ts'
import { type Person, Refusal, type Site, type Visit } from './visit.ts'

const POLICIES: readonly Option[] = [
  ['cab', 'The CAB'],
  ['technical-and-cab', 'The assignment group, then the CAB'],
  ['none', 'Nobody: every change is approved']
]

interface ControlAction {
  readonly done: string
  /** @throws Refusal when it is not carried out */
  readonly perform: (site: Site, form: URLSearchParams) => void
}

function setApprovals({ controls }: Site, form: URLSearchParams): void {
  const policy = form.get('policy') ?? ''
  if (!POLICIES.some(([known]) => known === policy))
    throw new Refusal(`There is no approval policy "${policy}".`, 422)
  const text = (form.get('approve_after') ?? '').trim()
  const seconds = Number(text)
  if (!Number.isFinite(seconds) || seconds < 0)
    throw new Refusal(`Approve after must be a number of 0 or more, not "${text}".`, 422)
  controls.setApprovals({
    policy: policy as ApprovalPolicy,
    ...(text !== '' && { autoApproveAfterMs: seconds * 1000 })
  })
}

function restoreSnapshot({ controls }: Site): void {
  if (!controls.restoreSnapshot())
    throw new Refusal('There is no snapshot. Fix: press Take snapshot first.', 422)
}

/** The buttons of the page by the value that they send. */
const ACTIONS: ReadonlyMap<string, ControlAction> = new Map(
  Object.entries<ControlAction>({
    'add-fault': {
      done: 'The fault was added.',
      perform: ({ faults }, form) => void faults.add(faultFrom(form))
    },
    'remove-fault': {
      done: 'The fault was removed.',
      perform: ({ faults }, form) => faults.remove(Number(form.get('fault')))
    },
    'remove-faults': { done: 'All faults were removed.', perform: ({ faults }) => faults.remove() },
    approvals: { done: 'The approval policy was saved.', perform: setApprovals },
    reset: { done: 'The sandbox was reset.', perform: ({ controls }) => controls.reset() },
    snapshot: { done: 'The snapshot was taken.', perform: ({ controls }) => controls.takeSnapshot() },
    restore: { done: 'The snapshot was restored.', perform: restoreSnapshot }
  })
)

function form(person: Person, content: Html): Html {
  return html`<form method="post" action="/control">${tokenField(person)}${content}</form>`
}

function button(action: string, label: string, kind = ''): Html {
  return html`<button id="${`button-${action}`}" name="action" value="${action}" class="${kind}">${label}</button>`
}

function target({ spec }: ListedFault): string {
  const { nth = 1, times = 1 } = spec
  const last = times === Number.POSITIVE_INFINITY ? 'all' : String(times)
  return `${spec.method ?? 'any method'}, ${spec.path === undefined ? 'any path' : String(spec.path)}, from request ${nth}, requests: ${last}`
}

function faultRow(fault: ListedFault, person: Person | undefined): Html {
  const label = FAULT_KINDS.find(([kind]) => kind === fault.spec.kind)?.[1] ?? fault.spec.kind
  const remove = person
    ? form(
        person,
        html`<input type="hidden" name="fault" value="${String(fault.id)}"><button id="${`remove-${fault.id}`}" name="action" value="remove-fault" aria-label="${`Remove fault ${fault.id}: ${label}`}">Remove</button>`
      )
    : html``
  return html`<tr><td>${label}</td><td>${target(fault)}</td><td>${String(fault.hits)}</td><td>${remove}</td></tr>`
}

function faultsSection({ site }: Visit, person: Person | undefined, entered: URLSearchParams): Html {
  const rows = site.faults.list().map(fault => faultRow(fault, person))
  const table =
    rows.length === 0
      ? html`<p>None.</p>`
      : tableOf('Faults', ['Fault', 'Requests', 'Affected so far', 'Remove'], rows)
  const all = person && rows.length > 0 ? form(person, button('remove-faults', 'Remove all faults')) : html``
  const add = person
    ? form(
        person,
        html`<fieldset><legend>Add a fault</legend>${faultFields(entered)}<div class="buttons">${button('add-fault', 'Add fault')}</div></fieldset>`
      )
    : html``
  return html`<h2>Faults</h2><p class="soft">They affect the APIs, never these pages.</p><section id="faults" data-live aria-label="Faults">${table}${all}</section>${add}`
}

function approvalsSection({ site }: Visit, person: Person | undefined): Html {
  const { policy, autoApproveAfterMs } = site.controls.approvals
  const seconds = autoApproveAfterMs === undefined ? '' : String(autoApproveAfterMs / 1000)
  const label = POLICIES.find(([value]) => value === policy)?.[1] ?? policy
  if (!person) {
    const automatic = seconds === '' ? '' : ` Approvals are given after ${seconds} seconds.`
    return html`<h2>Approval policy</h2><p>Approved by: ${label}.${automatic}</p>`
  }
  return html`<h2>Approval policy</h2>${form(person, html`<div class="fields">${selectField('policy', 'Approved by', POLICIES, policy)}${inputField('approve_after', 'Approve after (seconds; empty: a person decides)', seconds, 'number')}</div><div class="buttons">${button('approvals', 'Save approval policy')}</div>`)}`
}

function dataSection({ site }: Visit, person: Person | undefined): Html {
  const at = site.controls.snapshotAt
  const snapshot = html`<p>Snapshot: ${at === undefined ? 'none' : `${at} UTC`}</p>`
  if (!person) return html`<h2>Data</h2>${snapshot}`
  const restore = at === undefined ? html`` : button('restore', 'Restore snapshot')
  return html`<h2>Data</h2>${snapshot}${form(person, html`<p class="soft">Reset brings back the data of a new instance, removes all faults, and returns to the approval policy of the start. A snapshot is kept in this sandbox until it stops.</p><div class="buttons">${button('snapshot', 'Take snapshot')} ${restore} ${button('reset', 'Reset', 'danger')}</div>`)}`
}

function render(visit: Visit, refused?: { reason: string; status: number; form: URLSearchParams }) {
  const administrator = visit.person && hasRole(visit.person.actor) ? visit.person : undefined
  const hint = administrator
    ? html``
    : html`<p><a href="${loginLink(visit)}">Log in</a> as <code>admin</code> to change anything here.</p>`
  const entered = refused?.form ?? new URLSearchParams()
  return sitePage(visit, {
    title: 'Control',
    follow: ['requests', 'data'],
    done: ACTIONS.get(visit.request.query.get('done') ?? '')?.done,
    ...(refused && { refused: refused.reason, status: refused.status }),
    body: html`<h1>Control</h1>${hint}${faultsSection(visit, administrator, entered)}${approvalsSection(visit, administrator)}${dataSection(visit, administrator)}`
  })
}

/** `GET /control`: faults, approval policy, reset and snapshot. */
export function controlPage(visit: Visit): HttpResponse {
  return render(visit)
}

/** `POST /control`: one of the buttons, for administrators. */
export function controlForm(visit: Visit, { actor }: Person, form: URLSearchParams): HttpResponse {
  const name = form.get('action') ?? ''
  try {
    if (!hasRole(actor)) throw new Refusal('Only an administrator may control the sandbox.')
    const action = ACTIONS.get(name)
    if (!action) throw new Refusal(`There is no action "${name}".`, 400)
    action.perform(visit.site, form)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return render(visit, { reason: error.message, status: error.status, form })
  }
  visit.site.live.changed('requests')
  return seeOther(`/control?done=${name}`)
}
