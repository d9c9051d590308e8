/**
 * Which inputs may stand in a policy file, as data: an action that reads the policy knows its own inputs, and has to
 * understand those of the others. Run by itself it writes the file: `node scripts/policy-keys.ts`.
 */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Field, fieldsOf } from '@change-actions/github-actions'
import type { DescribedAction } from '@change-actions/github-actions/manifest'
import { refusalOf } from '@change-actions/github-actions/policy'
import { ROOT } from './action-docs.ts'
import { DESCRIBED } from './action-manifests.ts'

const FILE = 'packages/github-actions/src/policy/known-inputs.ts'

/** The actions that read the policy; the description of an input is that of the first that has it. */
export const READERS: readonly DescribedAction[] = [
  DESCRIBED.gate,
  DESCRIBED['create-change'],
  DESCRIBED['wait-approval'],
  DESCRIBED['update-change']
]

/** All inputs of these actions, each once. One that any of them refuses is refused. */
function sorted(): { readonly allowed: Map<string, Field>; readonly refused: Map<string, string> } {
  const fields = READERS.flatMap(({ shape }) => fieldsOf(shape))
  const refused = new Map<string, string>()
  for (const { name, meta } of fields) {
    const why = refusalOf(name, meta)
    if (why !== undefined) refused.set(name, why)
  }
  const allowed = new Map<string, Field>()
  for (const field of fields)
    if (!refused.has(field.name) && !allowed.has(field.name)) allowed.set(field.name, field)
  return { allowed, refused }
}

/** The inputs that may stand in the file. */
export function knownInputs(): readonly Field[] {
  return [...sorted().allowed.values()]
}

/** The text of the file, before it is formatted. */
export function knownInputsText(): string {
  const { allowed, refused } = sorted()
  const inputs = Object.fromEntries(
    [...allowed].map(([name, { meta }]) => [
      name,
      { kind: meta.kind, ...(meta.words === undefined ? {} : { words: meta.words }) }
    ])
  )
  const content = { allowed: inputs, refused: Object.fromEntries(refused) }
  return [
    '// Made of the input schemas of the actions by "npm run docs".',
    "import type { KnownInput } from './known-input.ts'",
    '',
    'export const KNOWN_INPUTS: {',
    '  readonly allowed: Readonly<Record<string, KnownInput>>',
    '  readonly refused: Readonly<Record<string, string>>',
    `} = ${JSON.stringify(content)}`,
    ''
  ].join('\n')
}

/** Writes the file, formatted as everything else is. */
export function writeKnownInputs(): void {
  const file = join(ROOT, FILE)
  writeFileSync(file, knownInputsText())
  execFileSync(join(ROOT, 'node_modules', '.bin', 'biome'), ['format', '--write', file], { stdio: 'ignore' })
}

if (import.meta.main) writeKnownInputs()
