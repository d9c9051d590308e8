/** Responses that something on the way changes: a gateway, or access control on fields. */
import type { WireRequest } from '@change-actions/servicenow-client'
import type { TestInstance } from './instance.ts'
import { KINDS, type RequestKind } from './requests.ts'

type Cells = Record<string, unknown>

export function isKind(request: WireRequest, kind: RequestKind): boolean {
  const { pathname, search } = new URL(request.url)
  const { method, path } = KINDS[kind]
  return request.method === method && path.test(`${pathname}${search === '' ? '?' : search}`)
}

export const isCreation = (request: WireRequest): boolean => isKind(request, 'create')

/** Changes the record, or each record, of successful responses, as the API sends them. */
export function editRecords(
  instance: TestInstance,
  matches: (request: WireRequest) => boolean,
  edit: (record: Cells) => Cells
): void {
  instance.transport.edit((response, request) => {
    if (response.status >= 300 || !matches(request)) return response
    const body = JSON.parse(response.text) as { result: Cells | Cells[] }
    const { result } = body
    const edited = Array.isArray(result) ? result.map(edit) : edit(result)
    return { ...response, text: JSON.stringify({ ...body, result: edited }) }
  })
}
