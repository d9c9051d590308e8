import { Pipeline } from '../http/pipeline.ts'
import { json, type Loopback, serve } from './loopback.ts'
import { testOptions } from './options.ts'

/** A row by its raw values; `['value', 'display']` where the two differ. */
export type Row = Readonly<Record<string, string | readonly [value: string, display: string]>>

/** The response of a table: rows, rows of which some are hidden by access control, or an error. */
export type TableResponse =
  | readonly Row[]
  | { readonly rows: readonly Row[]; readonly total: number }
  | { readonly status: number; readonly message: string; readonly detail?: string }

export interface Tables {
  readonly pipeline: Pipeline
  readonly server: Loopback
  /** `table?query` of each request, in order. */
  requests(): string[]
  close(): Promise<void>
}

/** An instance that has only tables: each is a function from the encoded query to its response. */
export async function tables(
  content: Readonly<Record<string, (query: string) => TableResponse>>
): Promise<Tables> {
  const server = await serve((request, response) => {
    const name = request.path.replace('/api/now/table/', '')
    const result = content[name]?.(request.query.get('sysparm_query') ?? '') ?? {
      status: 400,
      message: `Invalid table ${name}`
    }
    if ('status' in result) {
      const { status, message, detail = null } = result
      return json(response, status, { error: { message, detail }, status: 'failure' })
    }
    const offset = Number(request.query.get('sysparm_offset') ?? 0)
    const limit = Number(request.query.get('sysparm_limit'))
    const { rows, total } =
      'rows' in result ? result : { rows: result.slice(offset, offset + limit), total: result.length }
    json(response, 200, { result: rows.map(bothForms) }, { 'X-Total-Count': String(total) })
  })
  const pipeline = new Pipeline(testOptions(server.origin))
  return {
    pipeline,
    server,
    requests: () =>
      server.seen.map(
        one => `${one.path.replace('/api/now/table/', '')}?${one.query.get('sysparm_query') ?? ''}`
      ),
    close: async () => {
      await pipeline.close()
      await server.close()
    }
  }
}

function bothForms(row: Row): Record<string, { value: string; display_value: string }> {
  const entries = Object.entries(row).map(([name, cell]) => {
    const [value, display] = typeof cell === 'string' ? [cell, cell] : cell
    return [name, { value, display_value: display }] as const
  })
  return Object.fromEntries(entries)
}
