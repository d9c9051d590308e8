import type { RequestRecord } from '@change-actions/sandbox'
import { type Instance, withInstance } from '../instance/instance.ts'
import { ACCOUNT, type Api, RequestCounter } from './request-counter.ts'

/** Bytes of response bodies, uncompressed. */
export interface PollBytes {
  readonly api: Api
  readonly poll: number
  /** The whole record, as the first poll reads it. */
  readonly whole: number
}

/** Measures what a poll of a wait reads of a change that waits for its approvers, with a window. */
export async function measurePolls(api: Api, change: Readonly<Record<string, string>>): Promise<PollBytes> {
  return withInstance({}, async instance => {
    const counter = new RequestCounter(instance, api)
    try {
      const window = { 'start-date': '+1h', 'end-date': '+3h' }
      await counter.run('create-change', { ...change, ...window })
      const { requests } = await counter.run('wait-approval', {
        timeout: '3',
        'poll-interval': '1',
        'fail-when-not-approved': 'false'
      })
      const reads = requests.filter(one => /\/change(?:_request)?\/[0-9a-f]{32}$/.test(one.path))
      const poll = reads.find(one => one.query.includes('sysparm_fields='))
      const whole = reads.find(one => !one.query.includes('sysparm_fields='))
      if (poll === undefined || whole === undefined) throw new Error('The wait sent no poll.')
      return { api, poll: await bytesOf(instance, poll), whole: await bytesOf(instance, whole) }
    } finally {
      counter.job.delete()
    }
  })
}

/** The size of the response to the same request, sent again. */
async function bytesOf({ url }: Instance, { path, query }: RequestRecord): Promise<number> {
  const credentials = Buffer.from(`${ACCOUNT.userName}:${ACCOUNT.password}`).toString('base64')
  const headers = { Accept: 'application/json', Authorization: `Basic ${credentials}` }
  const response = await fetch(`${url}${path}?${query}`, { headers })
  if (!response.ok) throw new Error(`GET ${path}: ${response.status}`)
  return (await response.arrayBuffer()).byteLength
}
