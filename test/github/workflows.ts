/** Workflow files: events, inputs, jobs. Only what decides which jobs there are and what they wait for is read. */
import { parse } from 'yaml'
import { Defect } from './refusal.ts'
import type { Commit, Repository, Workflow, World } from './state.ts'

export interface JobPlan {
  readonly key: string
  readonly name: string
  readonly needs: readonly string[]
  /** The name of the environment, with expressions. */
  readonly environment: string | undefined
  readonly makesDeployment: boolean
}

export interface InputPlan {
  readonly required: boolean
  readonly options: readonly string[] | undefined
  readonly otherwise: string | undefined
}

export interface WorkflowFile {
  readonly name: string
  readonly runName: string | undefined
  /** By event; the value is what stands below it. */
  readonly events: ReadonlyMap<string, unknown>
  readonly inputs: ReadonlyMap<string, InputPlan>
  readonly jobs: readonly JobPlan[]
}

const FOLDER = '.github/workflows/'

type Yaml = Record<string, unknown>

function eventsIn(on: unknown): Map<string, unknown> {
  if (typeof on === 'string') return new Map([[on, null]])
  if (Array.isArray(on)) return new Map(on.map(event => [String(event), null]))
  return new Map(Object.entries((on ?? {}) as Yaml))
}

function inputsIn(dispatch: unknown): Map<string, InputPlan> {
  const { inputs } = (dispatch ?? {}) as { inputs?: Record<string, Yaml | null> }
  return new Map(
    Object.entries(inputs ?? {}).map(([name, one]) => {
      const { required, options, default: otherwise } = one ?? {}
      const plan: InputPlan = {
        required: required === true,
        options: options as string[] | undefined,
        otherwise: otherwise === undefined ? undefined : String(otherwise)
      }
      return [name, plan]
    })
  )
}

function jobPlan(key: string, job: Yaml): JobPlan {
  if (job.strategy !== undefined) throw new Defect('a matrix is not imitated')
  const { environment } = job
  const settings = (typeof environment === 'string' ? { name: environment } : (environment ?? {})) as Yaml
  return {
    key,
    name: String(job.name ?? key),
    needs: typeof job.needs === 'string' ? [job.needs] : ((job.needs as string[] | undefined) ?? []),
    environment: settings.name === undefined ? undefined : String(settings.name),
    makesDeployment: settings.deployment !== false
  }
}

/** @throws Defect for a file that is no workflow */
export function readWorkflow(path: string, text: string): WorkflowFile {
  const file = parse(text) as Yaml
  if (file?.on === undefined || file.jobs === undefined) throw new Defect(`${path} is no workflow`)
  const events = eventsIn(file.on)
  return {
    name: String(file.name ?? path),
    runName: file['run-name'] === undefined ? undefined : String(file['run-name']),
    events,
    inputs: inputsIn(events.get('workflow_dispatch')),
    jobs: Object.entries(file.jobs as Record<string, Yaml>).map(([key, job]) => jobPlan(key, job))
  }
}

/** The values that expressions in `run-name` and `environment` may refer to: `inputs.x`, `github.event.…`. */
export type Contexts = Readonly<Record<string, unknown>>

/**
 * Replaces `${{ inputs.x }}` and the like.
 * @throws Defect for an expression that is more than a name
 */
export function substitute(text: string, contexts: Contexts): string {
  return text.replace(/\$\{\{\s*(.*?)\s*\}\}/g, (_, expression: string) => {
    if (!/^[\w-]+(\.[\w-]+)*$/.test(expression))
      throw new Defect(`the expression ${expression} is not imitated`)
    const value = expression
      .split('.')
      .reduce<unknown>((context, name) => (context as Yaml | undefined | null)?.[name], contexts)
    return value === undefined || value === null ? '' : String(value)
  })
}

/** The workflows at a commit, by path. */
export function workflowsAt(commit: Commit): [path: string, text: string][] {
  return [...commit.files].filter(([path]) => path.startsWith(FOLDER) && /\.ya?ml$/.test(path))
}

/** The workflow with an id, a file name or a path; registered when it is first needed. */
export function findWorkflow(world: World, repository: Repository, idOrFile: string): Workflow | undefined {
  for (const commit of headsOf(repository)) {
    for (const [path] of workflowsAt(commit)) registerWorkflow(world, repository, path)
  }
  return [...repository.workflows.values()].find(
    ({ id, path }) => String(id) === idOrFile || path === idOrFile || path === `${FOLDER}${idOrFile}`
  )
}

function headsOf(repository: Repository): Commit[] {
  const heads = [...repository.branches.values(), ...repository.tags.values()]
  return heads.flatMap(sha => repository.commits.get(sha) ?? [])
}

/** A path has one id, whatever the commit. */
export function registerWorkflow(world: World, repository: Repository, path: string): Workflow {
  const known = repository.workflows.get(path)
  if (known) return known
  const workflow = { id: world.nextId(), path }
  repository.workflows.set(path, workflow)
  return workflow
}
