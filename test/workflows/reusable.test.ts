/** What holds for every reusable workflow by itself; how they run is tried with act, see README.md. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { type Job, type JobRun, runJob, stepName } from './job-model.ts'

interface Declared {
  readonly description?: string
  readonly required?: boolean
}

interface Workflow {
  readonly on: {
    readonly workflow_call: {
      readonly inputs: Readonly<Record<string, Declared>>
      readonly secrets: Readonly<Record<string, Declared>>
      readonly outputs: Readonly<Record<string, Declared>>
    }
  }
  readonly env?: Readonly<Record<string, string>>
  readonly permissions?: Readonly<Record<string, string>>
  readonly concurrency?: { readonly group: string; readonly 'cancel-in-progress': boolean }
  readonly jobs: Readonly<Record<string, Job>>
}

const NAMES = [
  'change-controlled-deploy',
  'standard-deploy',
  'deploy-with-evidence',
  'rollback',
  'emergency-patch'
]

const texts = Object.fromEntries(
  NAMES.map(name => [
    name,
    readFileSync(
      fileURLToPath(new URL(join('../../.github/workflows', `${name}.yml`), import.meta.url)),
      'utf8'
    )
  ])
)
const workflows = Object.fromEntries(
  Object.entries(texts).map(([name, text]) => [name, parse(text) as Workflow])
)

/** What a step of ours is given of the connection. */
const CONNECTION = [
  'instance',
  'client-id',
  'client-secret',
  'username',
  'password',
  'token',
  'api-key',
  'client-certificate',
  'client-key',
  'client-key-passphrase',
  'ca-certificate',
  'api'
]

/** Secrets that a step other than ours needs. */
const OTHERS = ['DEPLOY_TOKEN', 'WEBHOOK']

/** The job that deploys. */
function deployingJob(name: string): Job {
  const jobs = Object.values(workflows[name]?.jobs ?? {})
  const [job] = jobs.filter(one => one.steps.some(step => step.name === 'Check the call'))
  if (job === undefined) throw new Error(`${name} checks no call`)
  return job
}

function checkOf(name: string): string {
  return deployingJob(name).steps[0]?.run ?? ''
}

describe.each(NAMES)('%s', name => {
  const workflow = workflows[name] as Workflow
  const { inputs, secrets, outputs } = workflow.on.workflow_call

  test('describes each input, secret and output', () => {
    for (const declared of [inputs, secrets, outputs].flatMap(Object.values)) {
      expect(declared.description).toMatch(/^[A-Z\w].*\.$/s)
    }
  })

  test('leaves no input and no secret unused', () => {
    const text = texts[name] ?? ''
    const unused = [
      ...Object.keys(inputs).filter(one => !new RegExp(`inputs\\.${one}\\b(?!-)`).test(text)),
      ...Object.keys(secrets).filter(one => !text.includes(`secrets.${one}`))
    ]
    expect(unused).toEqual([])
  })

  test('looks at the call before anything else, and at secrets itself', () => {
    expect(deployingJob(name).steps[0]?.name).toBe('Check the call')
    expect(Object.values(secrets).filter(one => one.required)).toEqual([])
  })

  test('gives the credentials to the steps that need them, and to no other step of the job', () => {
    const job = deployingJob(name)
    const environments = [workflow.env, job.env, ...job.steps.map(step => step.env)]
    const values = environments.flatMap(env => Object.entries(env ?? {}))
    // The deployment's own token and the message to the approvers apart: a secret in an environment is a word.
    const secret = values.filter(
      ([key, value]) =>
        /secrets\./.test(String(value)) && !/ != ''/.test(String(value)) && !OTHERS.includes(key)
    )
    expect(secret).toEqual([])
    const ours = job.steps.filter(step => step.uses?.startsWith('change-actions/'))
    expect(ours.length).toBeGreaterThan(1)
    for (const step of ours) {
      const given = Object.entries(step.with ?? {}).filter(([, value]) => /secrets\.SERVICENOW/.test(value))
      expect(given).toHaveLength(10)
      expect(step.with?.instance).toBe('${{ inputs.instance || vars.SERVICENOW_INSTANCE }}')
    }
    const all = workflow.jobs
    for (const step of Object.values(all)
      .flatMap(one => one.steps)
      .filter(one => !ours.includes(one)))
      expect(JSON.stringify(step.with ?? {})).not.toContain('secrets.')
  })

  test('says what it may do, and nothing of it is a right to write to GitHub', () => {
    const { 'id-token': token, ...rights } = workflow.permissions ?? {}
    expect(token).toBe('write')
    expect(Object.keys(rights).sort()).toEqual([
      'actions',
      'checks',
      'contents',
      'deployments',
      'pull-requests',
      'statuses'
    ])
    expect(new Set(Object.values(rights))).toEqual(new Set(['read']))
    // A job may do less, and never more.
    for (const job of Object.values(workflow.jobs)) expect(job.permissions ?? {}).toEqual({})
  })

  test("runs one call after the other, in a group that is not its caller's, and ends none that waits", () => {
    const { group = '', 'cancel-in-progress': cancel } = workflow.concurrency ?? {}
    expect(cancel).toBe(false)
    expect(group).toMatch(
      /^[a-z -]+ \$\{\{ inputs\.concurrency-group \|\| format\(.*github\.workflow, inputs\.environment/
    )
  })
})

describe('all of them', () => {
  /** The parts of the first step that do not depend on the workflow. */
  const shared = (script: string) => [
    script.slice(0, script.indexOf('needed environment')),
    script.slice(script.indexOf('[ -n "$INSTANCE" ]'), script.indexOf("# ServiceNow's values"))
  ]

  test('check credentials and word their errors alike', () => {
    const [first, ...others] = NAMES.map(name => shared(`${checkOf(name)}# ServiceNow's values`))
    expect(first?.join('')).toContain('::error title=Input error::')
    for (const other of others) expect(other).toEqual(first)
  })

  test('know the instance and its credentials by the same names', () => {
    const connection = NAMES.flatMap(name =>
      deployingJob(name)
        .steps.filter(step => step.uses?.startsWith('change-actions/'))
        .map(step => Object.entries(step.with ?? {}).filter(([key]) => CONNECTION.includes(key)))
    )
    expect(connection[0]).toHaveLength(CONNECTION.length)
    for (const one of connection) expect(one).toEqual(connection[0])
  })

  test('tell the deployment the same things', () => {
    const told = NAMES.map(name => {
      const step = deployingJob(name).steps.find(one => one.id?.endsWith('-command'))
      return Object.keys(step?.env ?? {})
    })
    for (const one of told) expect(one).toEqual(told[0])
  })
})

describe('when the run is cancelled or a step fails', () => {
  const CLOSE = 'Close the change by the result'
  const change = { 'change-sys-id': 'id', 'change-number': 'CHG0030001' }
  const byCommand = { found: { by: 'command' } }
  /** The steps that still run after this one, and what becomes of the job. */
  const afterStep = (name: string, endsBadly: NonNullable<JobRun['endsBadly']>, inputs = {}) => {
    const taken = runJob(deployingJob(name), {
      inputs: { 'evidence-files': 'report.txt', ...inputs },
      outputs: { ...byCommand, change, gate: { ...change, approved: 'true' } },
      endsBadly
    })
    const at = taken.steps.indexOf(endsBadly[0])
    expect(at).toBeGreaterThan(-1)
    return {
      after: taken.steps.slice(at + 1),
      result: taken.outputs['deployment-result'],
      closing: taken.with[CLOSE]?.['job-status']
    }
  }

  const SINGLE = [
    ['rollback', 'Roll back by command'],
    ['emergency-patch', 'Deploy by command']
  ] as const

  describe.each(SINGLE)('%s', (name, deployment) => {
    test.each(['failure', 'cancelled'] as const)('%s before there is a change: nothing else runs', how => {
      const taken = runJob(deployingJob(name), {
        inputs: {},
        outputs: byCommand,
        endsBadly: [name === 'rollback' ? 'Find what rolls back' : 'Find what deploys', how]
      })
      expect(taken.steps.at(-1)).toMatch(/^Find what/)
      expect(taken.outputs['deployment-result']).toBe('skipped')
    })

    test.each(['failure', 'cancelled'] as const)('%s once there is a change: only it is closed', how => {
      const create = deployingJob(name).steps.find(step => step.id === 'change')
      expect(afterStep(name, [stepName(create ?? {}), how])).toEqual({
        after: [CLOSE],
        result: 'skipped',
        closing: how
      })
    })

    test.each(['failure', 'cancelled'] as const)('%s while it waits: only the change is closed', how => {
      expect(afterStep(name, ['Wait for approval', how])).toEqual({
        after: [CLOSE],
        result: 'skipped',
        closing: how
      })
    })

    test('the deployment fails: what it left is attached, the change closed', () => {
      expect(afterStep(name, [deployment, 'failure'])).toEqual({
        after: ['Attach what the deployment left', CLOSE],
        result: 'failure',
        closing: 'failure'
      })
    })

    test('cancelled while it deploys: the change is closed, and that is all', () => {
      expect(afterStep(name, [deployment, 'cancelled'])).toEqual({
        after: [CLOSE],
        result: 'cancelled',
        closing: 'cancelled'
      })
    })

    test.each(['failure', 'cancelled'] as const)('%s after the deployment: it was a success', how => {
      expect(afterStep(name, ['Attach what the deployment left', how])).toEqual({
        after: [CLOSE],
        result: 'success',
        closing: 'success'
      })
    })
  })

  describe.each(['change-controlled-deploy', 'standard-deploy', 'deploy-with-evidence'])('%s', name => {
    test('cancelled at the gate: nothing else runs', () => {
      expect(afterStep(name, ['Pass the gate', 'cancelled'])).toMatchObject({ after: [], result: 'skipped' })
    })

    test('the deployment fails: what it left is attached, and its result is told', () => {
      expect(afterStep(name, ['Deploy by command', 'failure'])).toMatchObject({
        after: ['Attach what the deployment left'],
        result: 'failure'
      })
    })

    test('cancelled while it deploys: the gate alone closes', () => {
      expect(afterStep(name, ['Deploy by command', 'cancelled'])).toMatchObject({
        after: [],
        result: 'cancelled'
      })
    })

    test('what it left cannot be attached: the deployment was a success, and nothing is rolled back', () => {
      const { result } = afterStep(name, ['Attach what the deployment left', 'failure'])
      expect(result).toBe('success')
      expect(rolledBackBy(result ?? '')).toBe(false)
    })
  })

  /** Whether the rollback workflow would do its work. */
  function rolledBackBy(result: string): boolean {
    const condition = workflows.rollback?.jobs.rollback?.if
    const job = { steps: [{ name: 'rollback', ...(condition === undefined ? {} : { if: condition }) }] }
    return runJob(job, { inputs: { 'deployment-result': result } }).steps.length === 1
  }

  test('only a deployment that failed is rolled back', () => {
    const results = ['success', 'failure', 'cancelled', 'skipped', '']
    expect(results.filter(rolledBackBy)).toEqual(['failure'])
  })

  test('no step waits for approval when the run is cancelled', () => {
    for (const name of NAMES) {
      const waits = deployingJob(name).steps.filter(step =>
        /wait-approval@|servicenow@/.test(step.uses ?? '')
      )
      expect(waits.map(stepName)).toHaveLength(1)
      for (const step of waits) expect(step.if ?? '').not.toMatch(/always|cancelled/)
    }
  })
})
