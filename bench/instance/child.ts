/** The process of the sandbox: `node child.ts OPTIONS`, options as JSON. It ends with its parent. */
import { API_KEYS, type Sandbox, startSandbox } from '@change-actions/sandbox'
import { peakBytes } from '../measure/peak-memory.cjs'
import type { CallName, Calls, Message, Question } from './messages.ts'

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
    plant: () => sandbox.insert('change_request', { short_description: 'Deploy', type: 'normal' }),
    clear: async change => {
      const headers = { 'x-sn-apikey': API_KEYS[0]?.key ?? '' }
      for (const { sysId } of sandbox.attachments(change))
        await fetch(`${sandbox.url}/api/now/attachment/${sysId}`, { method: 'DELETE', headers })
    },
    peak: () => peakBytes()
  }
}

function send(message: Message): void {
  process.send?.(message)
}

const sandbox = await startSandbox(JSON.parse(process.argv[2] ?? '{}'))
const handlers = handlersFor(sandbox)
process.on('message', async ({ id, call, argument }: Question) => {
  try {
    const handle = handlers[call] as (argument: unknown) => unknown
    send({ id, answer: await handle(argument) })
  } catch (error) {
    send({ id, error: String(error) })
  }
})
process.once('disconnect', () => {
  void sandbox.stop().then(() => process.exit())
})
send({ ready: sandbox.url })
