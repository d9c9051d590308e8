import { type Brief, cutLines, isBriefed, withBrief } from '@change-actions/change-control'
import { type Change, fieldOf } from '@change-actions/servicenow-client'
import { noteOf } from '../deployment-texts.ts'
import { roomInDescription } from '../lengths.ts'
import { limitFor, SMALL_NOTE } from '../note-parts.ts'
import { ownsDescription } from './draft.ts'
import type { Creation, Resolved } from './request.ts'

/**
 * A creation with what approvers read of it: below the description, or in a note where a template owns the description.
 * The same note in every attempt of the run, whatever it says by then.
 */
export async function withBriefFor(creation: Creation): Promise<Creation> {
  const { context, request, resolved, hooks } = creation
  const brief = await hooks.brief?.()
  if (brief === undefined) return creation
  if (ownsDescription(context, resolved)) {
    const text = cutLines(brief.lines, limitFor(SMALL_NOTE), brief.rest)
    const briefNote = noteOf(request.identity.deployment, text, 'brief')
    return { ...creation, request: { ...request, briefNote } }
  }
  const given = resolved.fields.description
  const text = String(given ?? request.generated.description ?? '')
  const description = withBrief(text, brief, await roomFor(creation, text, brief))
  if (given === undefined)
    return { ...creation, request: { ...request, generated: { ...request.generated, description } } }
  return { ...creation, resolved: { ...resolved, fields: { ...resolved.fields, description } } }
}

function roomFor({ context }: Creation, text: string, brief: Brief): Promise<number> {
  return roomInDescription(context, [text, '', ...brief.lines].join('\n').length)
}

/**
 * The fields of a request for a change that is there: where its description is the one given with a brief below it, it
 * is as it was asked for.
 */
export function withKeptBrief(resolved: Resolved, change: Change): Resolved {
  const given = resolved.fields.description
  const { value } = fieldOf(change.fields, 'description')
  if (given === undefined || !isBriefed(value, String(given))) return resolved
  return { ...resolved, fields: { ...resolved.fields, description: value } }
}
