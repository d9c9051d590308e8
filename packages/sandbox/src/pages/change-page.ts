import { mayRead } from '../engine/acl.ts'
import { RuleAbort } from '../engine/engine.ts'
import type { Row } from '../engine/store.ts'
import type { HttpResponse } from '../server/response.ts'
import { CHANGE_ACTIONS } from './change-actions.ts'
import { fieldsSection, fieldText } from './change-fields.ts'
import { actionsSection, decisionSection } from './change-forms.ts'
import { activitySection, approvalsSection, attachmentsSection, tasksSection } from './change-related.ts'
import { statesSection } from './change-states.ts'
import { html } from './html.ts'
import { notFound, seeOther, sitePage } from './layout.ts'
import { type Person, Refusal, type Visit, viewerOf } from './visit.ts'

/** A form that was refused: why, and what the person had entered. */
interface RefusedForm {
  readonly status: number
  readonly reason: string
  readonly form: URLSearchParams
}

function readableChange(visit: Visit, sysId: string): Row | undefined {
  const { engine } = visit.site
  const change = engine.store.get('change_request', sysId)
  return change && mayRead(engine, viewerOf(visit), 'change_request', change) ? change : undefined
}

function summary(visit: Visit, change: Row): string {
  const hold = change.on_hold === 'true' ? ', on hold' : ''
  return `${change.number}: ${fieldText(visit, change, 'state')}, approval ${fieldText(visit, change, 'approval')}${hold}`
}

function render(visit: Visit, change: Row, refused?: RefusedForm): HttpResponse {
  const id = change.sys_id
  const entered = refused?.form ?? new URLSearchParams()
  return sitePage(visit, {
    title: change.number ?? '',
    follow: ['data'],
    announce: summary(visit, change),
    done: CHANGE_ACTIONS.get(visit.request.query.get('done') ?? '')?.done,
    ...(refused && { refused: refused.reason, status: refused.status }),
    body: html`<h1>${change.number ?? ''}: <span id="title" data-live>${fieldText(visit, change, 'short_description')}</span></h1>
${statesSection(visit.site.engine, change)}
${decisionSection(visit, change, entered)}
<div class="columns"><div>${fieldsSection(visit, change)}
${approvalsSection(visit, id)}
${tasksSection(visit, id)}
${activitySection(visit, id)}
${attachmentsSection(visit, id)}</div>${actionsSection(visit, change, entered)}</div>`
  })
}

/** `GET /change_request.do?sys_id=…` */
export function changePage(visit: Visit, sysId: string): HttpResponse {
  const change = readableChange(visit, sysId)
  return change ? render(visit, change) : notFound(visit)
}

/** `POST /change_request.do?sys_id=…`: one of the buttons, as the engine and the rights of the account allow. */
export function changeForm(visit: Visit, person: Person, form: URLSearchParams): HttpResponse {
  const { engine } = visit.site
  const sysId = visit.request.query.get('sys_id') ?? ''
  const change = readableChange(visit, sysId)
  if (!change) return notFound(visit)
  const name = form.get('action') ?? ''
  try {
    const action = CHANGE_ACTIONS.get(name)
    if (!action) throw new Refusal(`A change has no action "${name}".`, 400)
    action.perform({ engine, person, change, form })
  } catch (error) {
    if (!(error instanceof Refusal || error instanceof RuleAbort)) throw error
    const status = error instanceof Refusal ? error.status : 403
    return render(visit, change, { status, reason: error.message, form })
  }
  return seeOther(`/change_request.do?sys_id=${sysId}&done=${name}`)
}
