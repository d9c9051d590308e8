import type { Field } from '../dictionary/field.ts'
import { definitionOf } from '../dictionary/tables.ts'
import { mayRead, mayReadField } from '../engine/acl.ts'
import type { Row } from '../engine/store.ts'
import { fieldAt, walk } from '../query/walk.ts'
import type { Context } from '../server/context.ts'

/** How records are to look: `sysparm_display_value`, `sysparm_exclude_reference_link`, `sysparm_fields`. */
export interface Shape {
  readonly display: 'false' | 'true' | 'all'
  readonly links: boolean
  readonly fields: readonly string[]
}

export function shapeFrom({ request }: Context): Shape {
  const display = request.query.get('sysparm_display_value')
  return {
    display: display === 'true' || display === 'all' ? display : 'false',
    links: request.query.get('sysparm_exclude_reference_link') !== 'true',
    fields: (request.query.get('sysparm_fields') ?? '')
      .split(',')
      .map(name => name.trim())
      .filter(Boolean)
  }
}

type Shown = string | Readonly<Record<string, string>>

function shownReference(link: string, value: string, display: string, shape: Shape): Shown {
  const withLink = shape.links ? { link } : {}
  if (shape.display === 'all') return { display_value: display, ...withLink, value }
  if (shape.display === 'true') return shape.links ? { display_value: display, ...withLink } : display
  return shape.links ? { ...withLink, value } : value
}

function shown(context: Context, field: Field, value: string, display: string, shape: Shape): Shown {
  if (field.type === 'reference' && value !== '') {
    const link = `${context.request.origin}/api/now/table/${field.target}/${encodeURIComponent(value)}`
    return shownReference(link, value, display, shape)
  }
  if (shape.display === 'all') return { display_value: display, value }
  return shape.display === 'true' ? display : value
}

/** The value at a path; undefined leaves it out: no such field, or not readable. */
function at(context: Context, table: string, row: Row, path: string, shape: Shape): Shown | undefined {
  const field = fieldAt(table, path)
  if (!field || !mayReadField(field)) return undefined
  const found = walk(context.engine, context.actor, table, row, path)
  if (path.includes('.') && found.at) {
    const { engine, actor } = context
    if (!mayRead(engine, actor, found.at.table, found.at.row)) return undefined
  }
  return shown(context, field, found.value, found.display, shape)
}

/** A record in this API's dialect: every leaf is a string. */
export function shaped(context: Context, table: string, row: Row, shape: Shape): Record<string, Shown> {
  const paths = shape.fields.length > 0 ? shape.fields : [...definitionOf(table).fields.keys()]
  const members = paths.map(path => [path, at(context, table, row, path, shape)] as const)
  return Object.fromEntries(members.filter((member): member is [string, Shown] => member[1] !== undefined))
}
