/** The process of the sandbox: `node child.ts OPTIONS` with the options as JSON. It ends when its parent does. */
import { API_KEYS, type Sandbox, startSandbox } from '@change-actions/sandbox'
import { peakBytes } from '../measure/peak-memory.cjs'
import type { CallMessage, CallName, Calls, ResultMessage } from './messages.ts'

type Handlers = {
  readonly [K in CallName]: (
    argument: Parameters<Calls[K]>[0]
  ) => ReturnType<Calls[K]> | Promise<ReturnType<Calls[K]>>
}

function handlersFor(sandbox: Sandbox): Handlers {
  return {
    requests: () => sandbox.requests,
    approve: async change => {
      await sandbox.waitFor(() => sandbox.approvers(change).some(row => row.state === 'requested'))
      sandbox.approve(change)
    },
    insertChange: () => sandbox.insert('change_request', { short_description: 'Deploy', type: 'normal' }),
    insertChanges: count => {
      const insert = (index: number) =>
        sandbox.insert('change_request', {
          number: `CHG${String(index).padStart(7, '0')}`,
          short_description: `Deploy version ${index}`,
          type: index % 3 === 0 ? 'emergency' : 'normal',
          priority: String(1 + (index % 4)),
          active: 'true'
        })
      return Array.from({ length: count }, (_, index) => insert(index))[0] ?? ''
    },
    deleteAttachments: async change => {
      const headers = { 'x-sn-apikey': API_KEYS[0]?.key ?? '' }
      for (const { sysId } of sandbox.attachments(change))
        await fetch(`${sandbox.url}/api/now/attachment/${sysId}`, { method: 'DELETE', headers })
    },
    peakBytes: () => peakBytes()
  }
}

function send(message: ResultMessage): void {
  process.send?.(message)
}

const sandbox = await startSandbox(JSON.parse(process.argv[2] ?? '{}'))
const handlers = handlersFor(sandbox)
process.on('message', async ({ id, call, argument }: CallMessage) => {
  try {
    const handle = handlers[call] as (argument: unknown) => unknown
    send({ id, result: await handle(argument) })
  } catch (error) {
    send({ id, error: String(error) })
  }
})
process.once('disconnect', () => {
  void sandbox.stop().then(() => process.exit())
})
send({ ready: sandbox.url })
