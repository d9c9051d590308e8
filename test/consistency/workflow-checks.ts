/** Checks that GitHub's parser does not make. Each returns what is wrong with a workflow, one text for each problem. */
import {
  type Interface,
  readWorkflow,
  stepsOf,
  textsIn,
  type Values,
  type Workflow,
  type WorkflowJob,
  type WorkflowStep
} from './workflow-model.ts'
import { type Catalogue, pathOf, usedBy } from './workflow-uses.ts'

export type { Catalogue }

export function problemsOf(content: string, catalogue: Catalogue): string[] {
  const workflow = readWorkflow(content)
  const problems = [
    ...usesProblems(workflow, catalogue),
    ...inputProblems(workflow, catalogue),
    ...outputProblems(workflow, catalogue),
    ...scriptProblems(workflow),
    ...waitProblems(workflow, catalogue),
    ...closeProblems(workflow, catalogue)
  ]
  return [...new Set(problems)]
}

function usersOf(workflow: Workflow): (WorkflowStep | WorkflowJob)[] {
  return [...Object.values(workflow.jobs), ...stepsOf(workflow)]
}

/** As a release has it: scripts/release-pins.ts. */
const PINNED = /@[0-9a-f]{40}$/

export function usesProblems(workflow: Workflow, catalogue: Catalogue): string[] {
  return usersOf(workflow).flatMap(one => {
    const { uses } = one
    if (uses === undefined || uses.startsWith('./')) return []
    const path = pathOf(uses, catalogue)
    if (path === undefined) return /servicenow/i.test(uses) ? [`${uses}: the slug is ${catalogue.slug}`] : []
    if (!uses.endsWith(`@${catalogue.ref}`) && !PINNED.test(uses))
      return [`${uses}: the version to use is @${catalogue.ref}`]
    return usedBy(one, catalogue) === undefined ? [`${uses}: there is no such action or workflow`] : []
  })
}

export function inputProblems(workflow: Workflow, catalogue: Catalogue): string[] {
  return usersOf(workflow).flatMap(one => {
    const used = usedBy(one, catalogue)
    if (used === undefined) return []
    const secrets =
      'secrets' in one && one.secrets !== undefined && one.secrets !== 'inherit' ? one.secrets : {}
    const inherited = 'secrets' in one && one.secrets === 'inherit'
    return [
      ...compared('input', one.with ?? {}, used.inputs),
      ...(inherited ? [] : compared('secret', secrets, used.secrets))
    ].map(text => `${one.uses}: ${text}`)
  })
}

function compared(what: string, given: Values, declared: Interface['inputs']): string[] {
  const unknown = Object.keys(given).filter(name => !Object.hasOwn(declared, name))
  const missing = Object.keys(declared).filter(
    name => declared[name]?.required && !Object.hasOwn(given, name)
  )
  return [
    ...unknown.map(name => `there is no ${what} ${name}`),
    ...missing.map(name => `the ${what} ${name} is required`)
  ]
}

const EXPRESSION = /\$\{\{([\s\S]*?)\}\}/g
const STEP_REFERENCE = /\bsteps\.([\w-]+)\.(?:outputs\.([\w-]+)|outcome|conclusion)/g
const NEEDS_REFERENCE = /\bneeds\.([\w-]+)\.(?:outputs\.([\w-]+)|result)/g

export function outputProblems(workflow: Workflow, catalogue: Catalogue): string[] {
  const inJobs = Object.values(workflow.jobs).flatMap(job => [
    ...stepReferences(job, catalogue),
    ...needsReferences(job, workflow, catalogue)
  ])
  return [...inJobs, ...givenOn(workflow)]
}

/** Outputs of a reusable workflow come from its jobs. */
function givenOn(workflow: Workflow): string[] {
  return textsIn(workflow.on).flatMap(text =>
    [...text.matchAll(/\bjobs\.([\w-]+)\.outputs\.([\w-]+)/g)].flatMap(([found, job = '', output = '']) =>
      Object.hasOwn(workflow.jobs[job]?.outputs ?? {}, output) ? [] : [`${found}: there is no such output`]
    )
  )
}

function stepReferences(job: WorkflowJob, catalogue: Catalogue): string[] {
  const steps = new Map((job.steps ?? []).flatMap(step => (step.id === undefined ? [] : [[step.id, step]])))
  return references(job, STEP_REFERENCE).flatMap(([text, id, output]) => {
    const step = steps.get(id)
    if (step === undefined) return [`${text}: no step of this job has the id ${id}`]
    return output === undefined || gives(step, output, catalogue) ? [] : [`${text}: there is no such output`]
  })
}

/** The outputs of scripts and of other people's actions are not known. */
function gives(step: WorkflowStep, output: string, catalogue: Catalogue): boolean {
  return usedBy(step, catalogue)?.outputs.includes(output) ?? true
}

function needsReferences(job: WorkflowJob, workflow: Workflow, catalogue: Catalogue): string[] {
  const needs = [job.needs ?? []].flat()
  return references(job, NEEDS_REFERENCE).flatMap(([text, name, output]) => {
    const needed = workflow.jobs[name]
    if (needed === undefined || !needs.includes(name))
      return [`${text}: ${name} is not among the needs of this job`]
    if (output === undefined) return []
    const declared = usedBy(needed, catalogue)?.outputs ?? Object.keys(needed.outputs ?? {})
    return declared.includes(output) ? [] : [`${text}: there is no such output`]
  })
}

/** `if` is an expression with and without its braces. */
function references(
  job: WorkflowJob,
  pattern: RegExp
): [text: string, id: string, output: string | undefined][] {
  const conditions = [job, ...(job.steps ?? [])].map(one => String(one.if ?? ''))
  const expressions = textsIn(job).flatMap(text =>
    [...text.matchAll(EXPRESSION)].map(([, inner = '']) => inner)
  )
  return [...conditions, ...expressions].flatMap(text =>
    [...text.matchAll(pattern)].map(([found, id = '', output]): [string, string, string | undefined] => [
      found,
      id,
      output
    ])
  )
}

/** An expression in a script is inserted as text: a branch name could hold commands. */
export function scriptProblems(workflow: Workflow): string[] {
  return stepsOf(workflow)
    .filter(step => /\$\{\{/.test(step.run ?? ''))
    .map(step => `an expression in a script, give it by env: ${step.run?.trim().split('\n')[0]}`)
}

/** The runner does not cancel a step or a job whose condition is still true: it would go on waiting. */
export function waitProblems(workflow: Workflow, catalogue: Catalogue): string[] {
  return Object.values(workflow.jobs).flatMap(job => {
    const waiting = (job.steps ?? []).filter(step =>
      ['', 'actions/wait-approval'].includes(pathOf(step.uses, catalogue) ?? '-')
    )
    if (waiting.length === 0) return []
    const conditions = [job, ...waiting].map(one => String(one.if ?? ''))
    const groups = [workflow.concurrency, job.concurrency]
    return [
      ...(conditions.some(text => /\balways\(\)|(?<!!)\bcancelled\(\)/.test(text))
        ? ['a step that waits for approval must not run under always() or cancelled()']
        : []),
      ...(groups.some(group => isRecord(group) && group['cancel-in-progress'] === true)
        ? ['cancel-in-progress would end the wait for approval']
        : [])
    ]
  })
}

/** After a wait, whoever closes by the job's result is told how it ended: only then is "nothing was deployed" known. */
export function closeProblems(workflow: Workflow, catalogue: Catalogue): string[] {
  return Object.values(workflow.jobs).flatMap(({ steps = [] }) => {
    const waits = steps.filter(step => nameOf(step.uses, catalogue) === 'wait-approval')
    if (waits.length === 0) return []
    const wanted = waits.map(({ id = '' }) => `\${{ steps.${id}.outputs.outcome }}`)
    return steps
      .filter(step => nameOf(step.uses, catalogue) === 'update-change')
      .filter(({ with: given }) => given?.state === 'by-job-status')
      .filter(({ with: given }) => !wanted.includes(String(given?.['gate-outcome'])))
      .map(() => `state: by-job-status after a wait needs gate-outcome: ${wanted.join(' or ')}`)
  })
}

/** The name of a sub-action of ours, used by its slug or by its path. */
function nameOf(uses: string | undefined, catalogue: Catalogue): string | undefined {
  return /(?:^|\/)actions\/([a-z-]+)$/.exec(pathOf(uses, catalogue) ?? uses ?? '')?.[1]
}

const PUBLIC =
  /^SERVICENOW_(?:[A-Z]+_)?(?:INSTANCE|CLIENT_ID|USERNAME|CA_CERTIFICATE|CLIENT_CERTIFICATE|API)$/
const SECRET = /^SERVICENOW_\w+$|_TOKEN$|_WEBHOOK_URL$/

/** Instance and client id come from variables, secrets from secrets; no value stands in the file itself. */
export function credentialProblems(content: string): string[] {
  const workflow = readWorkflow(content)
  const jobs = Object.values(workflow.jobs)
  const environments = [workflow.env, ...jobs.map(job => job.env), ...stepsOf(workflow).map(step => step.env)]
  return [...environments, ...stepsOf(workflow).map(connectionOf)]
    .flatMap(env => Object.entries(env ?? {}))
    .flatMap(([name, value]) => {
      if (PUBLIC.test(name))
        return /^\$\{\{ (?:vars|inputs|secrets|steps\.sandbox\.outputs)\./.test(String(value))
          ? []
          : [`${name} must come from vars`]
      if (!SECRET.test(name)) return []
      // A step may have fetched it from a vault.
      return /^\$\{\{ (?:secrets\.|github\.token|steps\.)/.test(String(value))
        ? []
        : [`${name} must come from secrets`]
    })
}

/** Inputs of the connection that sign in, each alone or with others. */
const SIGN_IN = ['client-secret', 'password', 'token', 'api-key', 'private-key', 'oidc-audience']
const OF_CONNECTION =
  /^SERVICENOW_(?:[A-Z]+_)?(?:INSTANCE|API_PATH|CLIENT_|USERNAME|PASSWORD|TOKEN|API_KEY|CA_|PRIVATE_KEY)/

/**
 * Instance and credentials stand under `with:` of each step that needs them. In an environment every step of the job has
 * the secret, and any of them can replace the instance that it is sent to.
 */
export function placeProblems(content: string, catalogue: Catalogue): string[] {
  const workflow = readWorkflow(content)
  const steps = stepsOf(workflow)
  const jobs = Object.values(workflow.jobs)
  const environments = [workflow.env, ...jobs.map(job => job.env), ...steps.map(step => step.env)]
  const exposed = environments.flatMap(env => Object.keys(env ?? {})).filter(name => OF_CONNECTION.test(name))
  const without = steps.filter(step => {
    const needs = Object.hasOwn(usedBy(step, catalogue)?.inputs ?? {}, 'instance')
    const given = Object.keys(step.with ?? {})
    return needs && !(given.includes('instance') && given.some(name => SIGN_IN.includes(name)))
  })
  return [
    ...exposed.map(name => `${name} belongs under with: of the steps that need it`),
    ...without.map(step => `${step.uses}: give instance and credentials under with:`)
  ]
}

/** A called workflow says what it may do at most, and which of its calls run one after the other. */
export function calledProblems(content: string): string[] {
  const { permissions, concurrency } = readWorkflow(content)
  const group = isRecord(concurrency) ? String(concurrency.group) : ''
  return [
    ...(permissions === undefined ? ['there are no permissions at the top'] : []),
    ...(/\$\{\{.*inputs\./.test(group) ? [] : ['there is no concurrency group for each call at the top']),
    // Of the caller's own name it would be the caller's own group, which waits for itself.
    ...(/^\$\{\{/.test(group) ? ["the concurrency group has no name in front of its caller's"] : [])
  ]
}

/** The inputs of the connection that a step of ours is given, under the names of their variables. */
function connectionOf(step: WorkflowStep): Values {
  const given = Object.entries(step.with ?? {}).map(
    ([name, value]) => [`SERVICENOW_${name.toUpperCase().replaceAll('-', '_')}`, value] as const
  )
  return Object.fromEntries(given.filter(([name]) => OF_CONNECTION.test(name)))
}

/** Other people's actions are pinned by commit, with the version as a comment: a tag can be moved. */
export function pinProblems(content: string, { slug }: Catalogue): string[] {
  return [...content.matchAll(/^[ \t-]*uses:[ \t]*(\S+)(.*)$/gm)].flatMap(([, uses = '', rest = '']) => {
    if (uses.startsWith('./') || uses.startsWith(`${slug}/`) || uses.startsWith(`${slug}@`)) return []
    const pinned = /@[0-9a-f]{40}$/.test(uses) && /^ # v\d+(?:\.\d+)*$/.test(rest)
    return pinned ? [] : [`${uses}: pin it by commit, with a comment "# v…"`]
  })
}

/** A workflow declares its permissions at the top; jobs may declare more. */
export function permissionProblems(content: string): string[] {
  const { permissions, jobs } = readWorkflow(content)
  if (permissions === undefined) return ['there are no permissions at the top']
  // What lets deployments go on runs jobs again, or starts workflows.
  const resumes = content.includes('/actions/resume-deployments@')
  // What previews changes comments on pull requests.
  const comments = content.includes('/actions/preview-change@')
  const allowed = [...(resumes ? ['actions'] : []), ...(comments ? ['pull-requests'] : [])]
  const all = [permissions, ...Object.values(jobs).map(job => job.permissions)].map(one =>
    readingOnly(one, allowed)
  )
  return all.some(one => textsIn(one).some(level => /write/.test(level))) ? ['it may write'] : []
}

/** `id-token: write` lets a job sign in elsewhere, and `attestations: write` sign what it made: no right on code. */
function readingOnly(permissions: unknown, allowed: readonly string[]): unknown {
  if (!isRecord(permissions)) return permissions
  const harmless = ['id-token', 'attestations', ...allowed]
  return Object.fromEntries(Object.entries(permissions).filter(([name]) => !harmless.includes(name)))
}

function isRecord(value: unknown): value is Values {
  return typeof value === 'object' && value !== null
}
