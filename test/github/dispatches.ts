/** Runs started from outside: workflow_dispatch and repository_dispatch. */
import type { ApiResponse, Call, Handler } from './call.ts'
import { commitOf, fullRef } from './commits.ts'
import { invalid, notFound } from './refusal.ts'
import { runUrl } from './run-views.ts'
import { createRun } from './runs.ts'
import type { Commit, Run } from './state.ts'
import { fullName } from './state.ts'
import { findWorkflow, type InputPlan, readWorkflow, registerWorkflow, workflowsAt } from './workflows.ts'

/** Documented: characters of all inputs, or of the payload. */
const MAX_PAYLOAD = 65_535
/** Documented for GHES; github.com's 25 is in the description. */
const MAX_INPUTS_GHES = 10

interface DispatchBody {
  readonly ref: string
  readonly inputs?: Readonly<Record<string, unknown>>
  readonly return_run_details?: boolean
}

function commitAt(call: Call, ref: string): { ref: string; commit: Commit } {
  const { repository } = call
  const full = fullRef(repository, ref)
  if (full === undefined) throw invalid(`No ref found for: ${ref}`)
  const name = full.replace(/^refs\/(heads|tags)\//, '')
  const sha = (full.startsWith('refs/tags/') ? repository.tags : repository.branches).get(name) as string
  return { ref: full, commit: commitOf(repository, sha) }
}

function checkInputs(
  call: Call,
  given: Readonly<Record<string, unknown>>,
  plans: ReadonlyMap<string, InputPlan>
): void {
  const names = Object.keys(given)
  if (call.world.settings.edition === 'ghes' && names.length > MAX_INPUTS_GHES) {
    throw invalid(`Invalid request.\n\nAt most ${MAX_INPUTS_GHES} inputs are allowed.`)
  }
  const unexpected = names.filter(name => !plans.has(name))
  if (unexpected.length > 0) throw invalid(`Unexpected inputs provided: ${JSON.stringify(unexpected)}`)
  if (JSON.stringify(given).length > MAX_PAYLOAD) throw invalid('inputs are too large.')
  for (const [name, { required, options, otherwise }] of plans) {
    const value = given[name] ?? otherwise
    if (required && (value === undefined || value === ''))
      throw invalid(`Required input '${name}' not provided`)
    if (given[name] !== undefined && typeof given[name] !== 'string') {
      throw invalid(`Invalid value for input '${name}': it is no string`)
    }
    if (options && value !== undefined && !options.includes(String(value))) {
      throw invalid(`Provided value '${value}' for input '${name}' not in the list of allowed values`)
    }
  }
}

function withDefaults(given: Readonly<Record<string, unknown>>, plans: ReadonlyMap<string, InputPlan>) {
  const filled = [...plans].map(([name, { otherwise }]) => [name, given[name] ?? otherwise ?? ''])
  return Object.fromEntries(filled) as Record<string, unknown>
}

function dispatchWorkflow(call: Call): ApiResponse {
  const { world, repository } = call
  const { ref: wanted, inputs = {}, return_run_details: wantsDetails } = call.body as unknown as DispatchBody
  const isGhes = world.settings.edition === 'ghes'
  if (
    isGhes &&
    wantsDetails !== undefined &&
    world.settings.undocumented.unknownDispatchMember === 'refused'
  ) {
    throw invalid('Invalid request.\n\n"return_run_details" is not a permitted key.')
  }
  const workflow = findWorkflow(world, repository, call.param('workflow_id'))
  const onDefault = workflow && commitAt(call, repository.defaultBranch).commit.files.has(workflow.path)
  if (workflow === undefined || !onDefault) throw notFound()
  const { ref, commit } = commitAt(call, wanted)
  const text = commit.files.get(workflow.path)
  const file = text === undefined ? undefined : readWorkflow(workflow.path, text)
  if (text === undefined || !file?.events.has('workflow_dispatch')) {
    throw invalid("Workflow does not have 'workflow_dispatch' trigger")
  }
  checkInputs(call, inputs, file.inputs)
  const run = createRun(world, repository, {
    workflow,
    text,
    event: 'workflow_dispatch',
    ref,
    sha: commit.sha,
    actor: call.actor,
    inputs: withDefaults(inputs, file.inputs)
  })
  return wantsDetails && !isGhes ? { status: 200, body: details(call, run) } : { status: 204 }
}

function details(call: Call, run: Run): object {
  const page = `${call.world.serverUrl}/${fullName(run.repository)}/actions/runs/${run.id}`
  return { workflow_run_id: run.id, run_url: runUrl(call, run), html_url: page }
}

function isListening(settings: unknown, type: string): boolean {
  const { types } = (settings ?? {}) as { types?: string | string[] }
  return types === undefined || [types].flat().includes(type)
}

/** Starts every workflow of the default branch that listens for the type; the caller is not told which. */
function dispatchRepository(call: Call): ApiResponse {
  const { world, repository } = call
  const { event_type: type, client_payload: payload = {} } = call.body as {
    event_type: string
    client_payload?: object
  }
  if (JSON.stringify(payload).length > MAX_PAYLOAD) throw invalid('client_payload is too large.')
  const { ref, commit } = commitAt(call, repository.defaultBranch)
  for (const [path, text] of workflowsAt(commit)) {
    const { events } = readWorkflow(path, text)
    if (!events.has('repository_dispatch') || !isListening(events.get('repository_dispatch'), type)) continue
    const workflow = registerWorkflow(world, repository, path)
    const event = 'repository_dispatch'
    createRun(world, repository, { workflow, text, event, ref, sha: commit.sha, actor: call.actor, payload })
  }
  return { status: 204 }
}

export const dispatchHandlers: Readonly<Record<string, Handler>> = {
  'actions/create-workflow-dispatch': dispatchWorkflow,
  'repos/create-dispatch-event': dispatchRepository
}
