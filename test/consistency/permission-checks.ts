/** Whether the jobs of a workflow may do what the steps and workflows that they use need. One text for each problem. */
import {
  type Permissions,
  readWorkflow,
  type Values,
  type WorkflowJob,
  type WorkflowStep
} from './workflow-model.ts'
import { type Catalogue, pathOf, usedBy } from './workflow-uses.ts'

/** What the brief for approvers reads (docs/brief.md): the checks always, the rest with an environment. */
const OF_COMMIT = ['contents', 'checks', 'statuses'] as const
const OF_ENVIRONMENT = ['deployments', 'pull-requests'] as const

export function missingPermissions(content: string, catalogue: Catalogue): string[] {
  const workflow = readWorkflow(content)
  // A caller may leave the number of the change out.
  const mayCreate = isRecord(workflow.on) && 'workflow_call' in workflow.on
  return Object.entries(workflow.jobs).flatMap(([name, job]) => {
    const granted = job.permissions ?? workflow.permissions
    const read = [...new Set((job.steps ?? []).flatMap(step => readBy(step, catalogue, mayCreate)))]
    const needed = { ...Object.fromEntries(read.map(one => [one, 'read'])), ...askedBy(job, catalogue) }
    return Object.entries(needed)
      .filter(([permission, level]) => !isGranted(granted, permission, level))
      .map(([permission, level]) => `${name}: it needs ${permission}: ${level}`)
  })
}

/** A run does not start whose job grants less than the workflow that it calls asks for. */
function askedBy(job: WorkflowJob, catalogue: Catalogue): Permissions {
  return job.uses === undefined ? {} : (usedBy(job, catalogue)?.permissions ?? {})
}

/** What a step of ours reads from GitHub for the change's texts. */
function readBy(
  { uses, with: given = {} }: WorkflowStep,
  catalogue: Catalogue,
  mayCreate: boolean
): readonly string[] {
  const path = pathOf(uses, catalogue)
  if (path !== '' && path !== 'actions/create-change') return []
  if (given['change-brief'] === 'off') return []
  const forEnvironment = Object.hasOwn(given, 'environment')
  // A change that is there already has no brief; the gate's notes link to the comparison all the same.
  if (isSupplied(given) && !mayCreate) return path === '' && forEnvironment ? ['contents', 'deployments'] : []
  return forEnvironment ? [...OF_COMMIT, ...OF_ENVIRONMENT] : OF_COMMIT
}

function isSupplied(given: Values): boolean {
  return Object.hasOwn(given, 'change-number') || Object.hasOwn(given, 'change-sys-id')
}

function isGranted(granted: unknown, permission: string, level: string): boolean {
  if (granted === 'write-all') return true
  if (granted === 'read-all') return level === 'read'
  const found = isRecord(granted) ? granted[permission] : undefined
  return found === 'write' || found === level
}

function isRecord(value: unknown): value is Values {
  return typeof value === 'object' && value !== null
}

/** A job with an environment names it to each step of ours that takes it: a change is bound to it, and so are its texts. */
export function missingEnvironments(content: string, catalogue: Catalogue): string[] {
  return Object.entries(readWorkflow(content).jobs).flatMap(([name, job]) => {
    if (job.environment === undefined) return []
    return (job.steps ?? [])
      .filter(step => Object.hasOwn(usedBy(step, catalogue)?.inputs ?? {}, 'environment'))
      .filter(step => !Object.hasOwn(step.with ?? {}, 'environment'))
      .map(step => `${name}: give environment to ${step.uses}`)
  })
}

/** The permissions that the example at the head of a called workflow grants; undefined where there is none. */
export function permissionsInHeader(content: string): Permissions | undefined {
  const line = /^# +permissions: \{ (.*) \}$/m.exec(content)?.[1]
  if (line === undefined) return undefined
  return Object.fromEntries(line.split(', ').map(one => one.split(': ') as [string, string]))
}
