import { table, text } from './field.ts'

/** Queries that are too long for an address. */
export const TINY_URL = table('sys_tiny_url', 'Tiny URL', 'tiny_url', [
  text('tiny_url', { label: 'Tiny URL' }),
  // More than a request can have: a query that is cut would be another query.
  text('data', { maxLength: 16_000_000 })
])
