import { insertRecord } from '../engine/records.ts'
import { templateValues } from '../engine/templates.ts'
import type { Context } from '../server/context.ts'
import { type HttpResponse, jsonResponse } from '../server/response.ts'
import { requireCreateAccess } from './changes.ts'
import { changeApiNotFound } from './find.ts'
import { typedRecord } from './typed.ts'
import { reportRuleAbort, requestFields, writableFields } from './write.ts'

/** Fields that a caller cannot set, whatever the template names. */
const TEMPLATE_ONLY = ['description', 'backout_plan', 'test_plan', 'implementation_plan']

/** `POST /change/standard/{template}`: the template's values, and the caller's where the template allows them. */
export function createFromTemplate(context: Context, templateId: string): HttpResponse {
  const { engine, actor } = context
  requireCreateAccess(context)
  const template = engine.store.get('std_change_record_producer', templateId)
  if (template?.active !== 'true') throw changeApiNotFound()
  const preset = templateValues(template)
  const { values, ignored } = writableFields(context, 'change_request', requestFields(context))
  const { templateTakesAnyField } = engine.settings
  const isAllowed = (name: string) =>
    !TEMPLATE_ONLY.includes(name) && (templateTakesAnyField || name in preset)
  const allowed = Object.fromEntries(Object.entries(values).filter(([name]) => isAllowed(name)))
  const change = reportRuleAbort('created', () =>
    insertRecord(engine, actor, 'change_request', {
      ...preset,
      ...allowed,
      type: 'standard',
      std_change_producer_version: template.current_version ?? ''
    })
  )
  const refused = Object.keys(values).filter(name => !isAllowed(name))
  const record = {
    ...typedRecord(context, 'change_request', change),
    __meta: { ignoredFields: [...ignored, ...refused] }
  }
  return jsonResponse(200, { result: engine.settings.singleResultsAsArray ? [record] : record })
}
