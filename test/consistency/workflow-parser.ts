import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

export interface ParserRequest {
  readonly files: readonly { readonly name: string; readonly content: string; readonly kind: Kind }[]
  /** Texts of the reusable workflows by path. */
  readonly reusable: Readonly<Record<string, string>>
}

type Kind = 'workflow' | 'action'

/** The errors that GitHub's parser finds in each of the files, in their order. */
export function parserErrors(request: ParserRequest): string[][] {
  const script = join(import.meta.dirname, 'workflow-parser-child.ts')
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--no-warnings', script], {
    input: JSON.stringify(request),
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024
  })
  if (status !== 0) throw new Error(`GitHub's parser did not run: ${stderr}`)
  return JSON.parse(stdout) as string[][]
}
