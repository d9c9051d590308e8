import type { Client } from './clients.ts'
import type { Result } from './play.ts'

/** What running one client came to. */
export interface Outcome {
  readonly client: Client
  readonly results: readonly Result[]
  readonly seconds: number
  /** The package that this machine's registry refuses, so that nothing was run. */
  readonly unavailable?: string
}

export function line({ client, file, scenario, error }: Result): string {
  const head = `${error === undefined ? '✓' : '✗'} ${client} ${file}: ${scenario}`
  return error === undefined ? head : `${head}\n${error.trimEnd().replace(/^/gm, '      ')}`
}

/** Why a client fails; undefined when all that was promised passed, or when nothing could be run. */
export function failure({ client, results, unavailable }: Outcome): string | undefined {
  if (unavailable !== undefined) return undefined
  const failed = results.filter(one => one.error !== undefined).length
  if (failed > 0) return `${failed} failed`
  return results.length < client.promised ? `fewer than ${client.promised} scenarios` : undefined
}

function verdict(outcome: Outcome): string {
  if (outcome.unavailable !== undefined) return 'NOT RUN: refused by the registry of this machine'
  return failure(outcome) ?? 'passed'
}

/** Client by client, as Markdown. */
export function table(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map(outcome => {
    const { client, results, seconds } = outcome
    const version = Object.values(client.packages)[0] ?? ''
    const passed = results.filter(one => one.error === undefined).length
    return [
      client.name,
      version,
      String(results.length),
      String(passed),
      verdict(outcome),
      seconds.toFixed(1)
    ]
  })
  const head = ['client', 'version', 'scenarios', 'passed', 'result', 'seconds']
  return [head, head.map(() => '---'), ...rows].map(cells => `| ${cells.join(' | ')} |`).join('\n')
}
