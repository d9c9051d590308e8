import { insertRecord } from '../engine/records.ts'
import type { Row, Values } from '../engine/store.ts'
import { parseQuery } from '../query/parse.ts'
import type { Context } from '../server/context.ts'
import { jsonReply, type Reply } from '../server/reply.ts'
import { refuseCreation } from './changes.ts'
import { noRecord } from './find.ts'
import { typedRecord } from './typed.ts'
import { givenFields, orAbort, writableFields } from './write.ts'

/** Fields that a template always keeps to itself. */
const OWNED = ['description', 'backout_plan', 'test_plan', 'implementation_plan']

function templateValues(template: Row): Values {
  const conditions = parseQuery(template.template ?? '').alternatives.flat(2)
  return Object.fromEntries(conditions.map(({ field, value }) => [field, value]))
}

/** `POST /change/standard/{template}`: the template's values, with what it lets the caller decide. */
export function createFromTemplate(context: Context, templateId: string): Reply {
  const { engine, actor } = context
  refuseCreation(context)
  const template = engine.store.get('std_change_record_producer', templateId)
  if (template?.active !== 'true') throw noRecord()
  const preset = templateValues(template)
  const { values, ignored } = writableFields(context, 'change_request', givenFields(context))
  const { templateTakesAnyField } = engine.settings
  const taken = (name: string) => !OWNED.includes(name) && (templateTakesAnyField || name in preset)
  const own = Object.fromEntries(Object.entries(values).filter(([name]) => taken(name)))
  const change = orAbort('created', () =>
    insertRecord(engine, actor, 'change_request', {
      ...preset,
      ...own,
      type: 'standard',
      std_change_producer_version: template.current_version ?? ''
    })
  )
  const refused = Object.keys(values).filter(name => !taken(name))
  const record = {
    ...typedRecord(context, 'change_request', change),
    __meta: { ignoredFields: [...ignored, ...refused] }
  }
  return jsonReply(200, { result: engine.settings.singleResultsAsArray ? [record] : record })
}
