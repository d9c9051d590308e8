import { Pipeline } from '../http/pipeline.ts'
import { json, type Loopback, serve } from './loopback.ts'
import { testOptions } from './options.ts'

/** A row by its raw values; `['value', 'display']` where the two differ. */
export type Row = Readonly<Record<string, string | readonly [value: string, display: string]>>

/** What a table answers: rows, rows of which some are hidden by access control, or an error. */
export type TableAnswer =
  | readonly Row[]
  | { readonly rows: readonly Row[]; readonly total: number }
  | { readonly status: number; readonly message: string; readonly detail?: string }

export interface Tables {
  readonly pipeline: Pipeline
  readonly server: Loopback
  /** `table?query` of each request, in order. */
  asked(): string[]
  close(): Promise<void>
}

/** An instance of nothing but tables: each is a function from the encoded query to what it answers. */
export async function tables(
  content: Readonly<Record<string, (query: string) => TableAnswer>>
): Promise<Tables> {
  const server = await serve((request, response) => {
    const name = request.path.replace('/api/now/table/', '')
    const answer = content[name]?.(request.query.get('sysparm_query') ?? '') ?? {
      status: 400,
      message: `Invalid table ${name}`
    }
    if ('status' in answer) {
      const { status, message, detail = null } = answer
      return json(response, status, { error: { message, detail }, status: 'failure' })
    }
    const { rows, total } = 'rows' in answer ? answer : { rows: answer, total: answer.length }
    json(response, 200, { result: rows.map(bothForms) }, { 'X-Total-Count': String(total) })
  })
  const pipeline = new Pipeline(testOptions(server.origin))
  return {
    pipeline,
    server,
    asked: () =>
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
