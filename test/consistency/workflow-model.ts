import { parse } from 'yaml'

/** The parts of a workflow that are checked. */
export interface Workflow {
  readonly on?: unknown
  readonly permissions?: unknown
  readonly concurrency?: unknown
  readonly env?: Values
  readonly jobs: Readonly<Record<string, WorkflowJob>>
}

export interface WorkflowJob {
  readonly if?: unknown
  readonly needs?: string | readonly string[]
  readonly uses?: string
  readonly with?: Values
  readonly secrets?: Values | 'inherit'
  readonly env?: Values
  readonly outputs?: Values
  readonly permissions?: unknown
  readonly concurrency?: unknown
  readonly environment?: unknown
  readonly steps?: readonly WorkflowStep[]
}

export interface WorkflowStep {
  readonly id?: string
  readonly if?: unknown
  readonly uses?: string
  readonly run?: string
  readonly with?: Values
  readonly env?: Values
}

export type Values = Readonly<Record<string, unknown>>

/** Inputs, outputs and secrets of an action or workflow. */
export interface Interface {
  readonly inputs: Readonly<Record<string, { readonly required: boolean }>>
  readonly outputs: readonly string[]
  readonly secrets: Readonly<Record<string, { readonly required: boolean }>>
}

export function readWorkflow(content: string): Workflow {
  return parse(content) as Workflow
}

export function stepsOf(workflow: Workflow): WorkflowStep[] {
  return Object.values(workflow.jobs).flatMap(job => job.steps ?? [])
}

/** Gets a context by its default, as hidden inputs do, but is a documented input. */
const GIVEN_TOO = 'job-status'

/** The declared inputs without the hidden ones, which get a context by their default. */
export function actionInterface(manifest: string): Interface {
  const { inputs, outputs } = parse(manifest) as Declared
  const visible = Object.entries(inputs ?? {}).filter(
    ([name, input]) =>
      name === GIVEN_TOO ||
      !String(input?.default ?? '').includes('${{') ||
      !String(input?.description ?? '').startsWith('Set automatically')
  )
  return {
    inputs: requirements(Object.fromEntries(visible)),
    outputs: Object.keys(outputs ?? {}),
    secrets: {}
  }
}

/** Undefined for a workflow that cannot be called. */
export function reusableInterface(content: string): Interface | undefined {
  const { on } = parse(content) as { on?: { workflow_call?: Declared | null } }
  if (typeof on !== 'object' || on === null || !('workflow_call' in on)) return undefined
  const { inputs, outputs, secrets } = on.workflow_call ?? {}
  return {
    inputs: requirements(inputs ?? {}),
    outputs: Object.keys(outputs ?? {}),
    secrets: requirements(secrets ?? {})
  }
}

interface Declared {
  readonly inputs?: Readonly<
    Record<string, { required?: boolean; default?: unknown; description?: unknown } | null>
  >
  readonly outputs?: Values
  readonly secrets?: Readonly<Record<string, { required?: boolean } | null>>
}

function requirements(
  declared: Readonly<Record<string, { required?: boolean; default?: unknown } | null>>
): Interface['inputs'] {
  return Object.fromEntries(
    Object.entries(declared).map(([name, one]) => [
      name,
      { required: one?.required === true && one.default === undefined }
    ])
  )
}

/** Every text in a part of a workflow. */
export function textsIn(part: unknown): string[] {
  if (typeof part === 'string') return [part]
  if (typeof part !== 'object' || part === null) return []
  return Object.values(part).flatMap(textsIn)
}
