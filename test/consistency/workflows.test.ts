import { join } from 'node:path'
import { afterAll, describe, expect, it } from '@jest/globals'
import { parse } from 'yaml'
import { inputs } from '../../actions/gate/src/inputs.ts'
import { SLUG } from '../../packages/github-actions/src/product.ts'
import { applied, removeWorkspaces, workspaceWith } from '../../packages/github-actions/src/testing/policy.ts'
import { ACTIONS, manifestFolder } from '../../scripts/action-docs.ts'
import { EXAMPLES } from '../workflows/scenarios/examples.ts'
import { catalogue, reusable } from './catalogue.ts'
import { missingEnvironments, missingPermissions, permissionsInHeader } from './permission-checks.ts'
import {
  type Catalogue,
  calledProblems,
  credentialProblems,
  permissionProblems,
  pinProblems,
  placeProblems,
  problemsOf
} from './workflow-checks.ts'
import { blocksOf, POLICY_EXAMPLE, read, stepBlocks, workflowFiles } from './workflow-files.ts'
import { reusableInterface } from './workflow-model.ts'
import { parserErrors } from './workflow-parser.ts'
import { queueProblems, WITHOUT_QUEUE } from './workflow-queue.ts'

const manifests = ACTIONS.map(action => join(manifestFolder(action), 'action.yml'))
const files = workflowFiles()
const examples = files.filter(file => file.kind === 'example')

const parsed = parserErrors({ files: files.map(file => ({ ...file, kind: 'workflow' })), reusable })

describe.each(files.map((file, index) => ({ ...file, errors: parsed[index] })))(
  '$name',
  ({ name, content, errors, kind }) => {
    it('is a workflow to GitHub', () => expect(errors).toEqual([]))

    it('uses only what exists, as it is declared, and safely', () =>
      expect(problemsOf(content, catalogue)).toEqual([]))

    if (!WITHOUT_QUEUE.includes(name))
      it('lets no third run cancel the second while the first waits', () =>
        expect(queueProblems(content)).toEqual([]))

    // Our own tests sign in to the sandbox, whose accounts are public.
    if (kind !== 'own')
      it('takes credentials from variables and secrets', () =>
        expect(credentialProblems(content)).toEqual([]))

    // The same; a called workflow is run by others, with secrets of theirs.
    const called = reusableInterface(content) !== undefined && content.includes(`uses: ${SLUG}`)
    if (kind !== 'own' || called)
      it('gives instance and credentials to the steps that need them alone', () =>
        expect(placeProblems(content, catalogue)).toEqual([]))

    // Our own tests need no brief and no notes.
    if (kind !== 'own' || called)
      it('hands over the permissions and the environment that its steps and calls need', () =>
        expect([
          ...missingPermissions(content, catalogue),
          ...missingEnvironments(content, catalogue)
        ]).toEqual([]))

    if (called)
      it('says what it may do, which calls run one after the other, and what a caller grants', () => {
        expect(calledProblems(content)).toEqual([])
        expect(permissionsInHeader(content)).toEqual(reusableInterface(content)?.permissions)
      })

    // On a page, the version says more to readers than a commit.
    if (kind !== 'page')
      it('pins the actions of others by commit', () => expect(pinProblems(content, catalogue)).toEqual([]))

    if (kind === 'example') {
      it('says on top what it does and what to set up', () => {
        const header = /^(?:# .*\n)+/.exec(content)?.[0].trimEnd().split('\n') ?? []
        expect(header.length).toBeGreaterThanOrEqual(2)
        expect(header.length).toBeLessThanOrEqual(5)
        expect(header.join('\n')).toContain('# Set up: ')
      })

      it('may only read', () => expect(permissionProblems(content)).toEqual([]))
    }
  }
)

describe.each(stepBlocks().filter(({ content }) => content.includes(SLUG)))('$name', ({ content }) => {
  it('gives instance and credentials to the steps that need them', () =>
    expect(placeProblems(content, catalogue)).toEqual([]))
})

it('are all checked', () => {
  expect(examples.length).toBeGreaterThan(20)
  expect(files.filter(file => file.kind === 'page').length).toBeGreaterThan(1)
})

describe('the examples', () => {
  afterAll(removeWorkspaces)

  it('are all in the table of their README', () => {
    const names = [...read('examples/README.md').matchAll(/^\| \[`([\w-]+\.yml)`\]\(\1\)/gm)].map(
      ([, name]) => name
    )
    expect(names.sort()).toEqual(examples.map(({ name }) => name.replace('examples/', '')).sort())
  })

  it('are each run by act in a scenario or more', () => {
    const run = new Set(EXAMPLES.map(scenario => scenario.subject))
    expect(examples.map(({ name }) => name).filter(name => !run.has(name))).toEqual([])
  })

  it('have a policy that the gate accepts', async () => {
    const kindOf = async (environment: string) => {
      const policy = workspaceWith(read(POLICY_EXAMPLE))
      return (await applied(inputs, policy, { environment })).kind
    }
    expect(await Promise.all(['dev', 'staging', 'production'].map(kindOf))).toEqual([
      'free',
      'controlled',
      'controlled'
    ])
    await expect(kindOf('elsewhere')).rejects.toMatchObject({
      facts: { problems: [expect.stringContaining('is not listed')] }
    })
  })

  it('agree in pairs on the correlation id, by which one run finds the change of the other', () => {
    const idOf = (name: string) => /correlation-id: (.*)/.exec(read(`examples/${name}`))?.[1]
    const closer = idOf('lost-run-close.yml')?.replace('github.event.workflow_run.id', 'github.run_id')
    expect(idOf('lost-run-deploy.yml')).toBe(closer)
    const { name } = parse(read('examples/lost-run-deploy.yml')) as { name: string }
    expect(read('examples/lost-run-close.yml')).toContain(`workflows: [${name}]`)
  })
})

describe.each(manifests)('%s', path => {
  it('is an action to GitHub', () => {
    expect(parserErrors({ files: [{ name: path, content: read(path), kind: 'action' }], reusable })).toEqual([
      []
    ])
  })
})

/** A workflow of one job with these steps. */
const withSteps = (...steps: string[]) =>
  `on: push\njobs:\n  deploy:\n    runs-on: ubuntu-latest\n    steps:\n${steps.map(step => `      - ${step}\n`).join('')}`

const callerOf = (path: string, more = '') =>
  `on: push\njobs:\n  call:\n    uses: ${SLUG}/${path}@v1\n${more}`

const called: Catalogue = {
  ...catalogue,
  reusable: new Map([
    [
      'w.yml',
      {
        inputs: { environment: { required: true } },
        outputs: ['outcome'],
        secrets: { TOKEN: { required: true } }
      }
    ]
  ])
}

describe('the checks find', () => {
  it.each<[string, string, string, Catalogue?]>([
    ['an unknown action', withSteps(`uses: ${SLUG}/actions/make-change@v1`), 'no such action'],
    ['another version', withSteps(`uses: ${SLUG}@v2`), 'the version to use is @v1'],
    ['another slug', withSteps('uses: acme/servicenow-change@v1'), `the slug is ${SLUG}`],
    [
      'an unknown input',
      withSteps(`{ uses: '${SLUG}@v1', with: { asignment-group: DevOps Team } }`),
      'there is no input asignment-group'
    ],
    [
      'a hidden input',
      withSteps(`{ uses: '${SLUG}@v1', with: { github-token: x } }`),
      'there is no input github-token'
    ],
    [
      'an output that does not exist',
      withSteps(
        `{ id: gate, uses: '${SLUG}@v1' }`,
        "{ run: 'true', env: { N: '${{ steps.gate.outputs.number }}' } }"
      ),
      'steps.gate.outputs.number: there is no such output'
    ],
    [
      'an output in a condition without braces',
      withSteps(`{ id: gate, uses: '${SLUG}@v1' }`, "{ run: 'true', if: steps.gate.outputs.number != '' }"),
      'steps.gate.outputs.number: there is no such output'
    ],
    [
      'a step that does not exist',
      withSteps("{ run: 'true', if: \"${{ steps.gone.outcome == 'success' }}\" }"),
      'no step of this job has the id gone'
    ],
    [
      'a result that no job of the called workflow gives',
      withSteps("run: 'true'").replace(
        'on: push',
        'on: { workflow_call: { outputs: { a: { value: "${{ jobs.deploy.outputs.b }}" } } } }'
      ),
      'jobs.deploy.outputs.b: there is no such output'
    ],
    [
      'a job that is not needed',
      `${withSteps("run: 'true'")}    if: needs.build.result == 'success'\n`,
      'build is not among the needs'
    ],
    [
      'a called workflow without its input',
      callerOf('w.yml', '    secrets: inherit\n'),
      'the input environment is required',
      called
    ],
    [
      'a called workflow without its secret',
      callerOf('w.yml', '    with: { environment: dev }\n'),
      'the secret TOKEN is required',
      called
    ],
    [
      'an unknown secret',
      callerOf('w.yml', '    with: { environment: dev }\n    secrets: { TOKEN: x, TOKN: y }\n'),
      'there is no secret TOKN',
      called
    ],
    [
      'an output that a called workflow does not have',
      `${callerOf('w.yml', '    with: { environment: dev }\n    secrets: inherit\n')}  next:\n    needs: call\n    runs-on: x\n    steps: [{ run: "true", if: "needs.call.outputs.state == 'x'" }]\n`,
      'needs.call.outputs.state: there is no such output',
      called
    ],
    [
      'a branch name in a script',
      withSteps("run: 'echo ${{ github.head_ref }}'"),
      'an expression in a script'
    ],
    [
      'a wait that cannot be cancelled',
      withSteps(`{ uses: ${SLUG}/actions/wait-approval@v1, if: 'always()' }`),
      'must not run under always()'
    ],
    [
      'a job with a gate that cannot be cancelled',
      `${withSteps(`uses: ${SLUG}@v1`)}    if: always()\n`,
      'must not run under always()'
    ],
    ...[
      {},
      { 'gate-outcome': '${{ steps.wait.outcome }}' },
      { 'gate-outcome': '${{ steps.other.outputs.outcome }}' }
    ].map((given): [string, string, string] => [
      `a close that is not told how the wait ended: ${JSON.stringify(given)}`,
      withSteps(
        `{ id: wait, uses: ${SLUG}/actions/wait-approval@v1 }`,
        `{ id: other, uses: ${SLUG}@v1 }`,
        `{ uses: ${SLUG}/actions/update-change@v1, with: ${JSON.stringify({ state: 'by-job-status', ...given })} }`
      ),
      'needs gate-outcome: ${{ steps.wait.outputs.outcome }}'
    ]),
    [
      'a wait that the next push would end',
      `concurrency: { group: a, cancel-in-progress: true }\n${withSteps(`uses: ${SLUG}@v1`)}`,
      'cancel-in-progress'
    ]
  ])('%s', (_, content, problem, from = catalogue) => {
    expect(problemsOf(content, from)).toEqual([expect.stringContaining(problem)])
  })

  it.each([
    ['a secret written out', 'SERVICENOW_CLIENT_SECRET: hunter2', 'must come from secrets'],
    ['a secret among the variables', 'SERVICENOW_PASSWORD: "${{ vars.PASSWORD }}"', 'must come from secrets'],
    ['an instance written out', 'SERVICENOW_INSTANCE: acme', 'must come from vars']
  ])('%s', (_, env, problem) => {
    const content = `env: { ${env} }\n${withSteps("run: 'true'")}`
    expect(credentialProblems(content)).toEqual([expect.stringContaining(problem)])
  })

  it.each([
    ['a secret written out', 'client-secret: hunter2', 'must come from secrets'],
    ['an instance written out', 'instance: acme', 'must come from vars']
  ])('%s under with', (_, given, problem) => {
    const content = withSteps(`{ uses: '${SLUG}@v1', with: { ${given} } }`)
    expect(credentialProblems(content)).toEqual([expect.stringContaining(problem)])
  })

  it.each([
    [
      'a secret of the job',
      'SERVICENOW_CLIENT_SECRET belongs under with',
      "env: { SERVICENOW_CLIENT_SECRET: '${{ secrets.S }}' }\n",
      "run: 'true'"
    ],
    [
      'a secret of a step',
      'SERVICENOW_TOKEN belongs under with',
      '',
      "{ run: 'true', env: { SERVICENOW_TOKEN: '${{ secrets.S }}' } }"
    ],
    [
      'a step of ours without an instance',
      'give instance and credentials',
      '',
      `{ uses: '${SLUG}@v1', with: { token: '\${{ secrets.S }}' } }`
    ],
    [
      'a step of ours without credentials',
      'give instance and credentials',
      '',
      `{ uses: '${SLUG}@v1', with: { instance: '\${{ vars.I }}' } }`
    ]
  ])('%s', (_, problem, top, step) => {
    expect(placeProblems(`${top}${withSteps(step)}`, catalogue)).toEqual([expect.stringContaining(problem)])
  })

  it('a called workflow that does not say what it may do', () => {
    const on = 'on: { workflow_call: {} }\n'
    expect(calledProblems(on)).toHaveLength(2)
    const group = (text: string) => `${on}permissions: {}\nconcurrency: { group: "${text}" }\n`
    expect(calledProblems(group('${{ inputs.environment }}'))).toHaveLength(1)
    expect(calledProblems(group('deploy'))).toHaveLength(1)
    expect(calledProblems(group('deploy ${{ inputs.environment }}'))).toEqual([])
  })

  it.each([
    ['a tag', 'uses: actions/checkout@v6'],
    ['a commit without its version', `uses: actions/checkout@${'0'.repeat(40)}`],
    ['a short commit', 'uses: actions/checkout@0123456 # v6.0.0'],
    ['a branch', 'uses: actions/checkout@main # v6']
  ])('%s instead of a pin', (_, step) => {
    expect(pinProblems(withSteps(step), catalogue)).toHaveLength(1)
  })

  it('permissions that are missing or too wide', () => {
    expect(permissionProblems(withSteps("run: 'true'"))).toHaveLength(1)
    expect(permissionProblems(`permissions: { contents: write }\n${withSteps("run: 'true'")}`)).toHaveLength(
      1
    )
    expect(permissionProblems(`permissions: write-all\n${withSteps("run: 'true'")}`)).toHaveLength(1)
  })

  it('nothing in a good workflow', () => {
    const steps = [
      `uses: actions/checkout@${'a'.repeat(40)} # v6.0.3`,
      `{ id: gate, uses: '${SLUG}@v1', with: { environment: production } }`,
      "{ run: './deploy.sh', if: \"!cancelled() && steps.gate.outputs.approved == 'true'\" }"
    ]
    const content = `permissions: {}\n${withSteps(...steps)}`
    expect([
      ...problemsOf(content, catalogue),
      ...pinProblems(content, catalogue),
      ...credentialProblems(content),
      ...permissionProblems(content)
    ]).toEqual([])
  })
})

describe("GitHub's parser finds", () => {
  const bad: [string, string][] = [
    ['an unknown key', withSteps("{ run: 'true', wiht: {} }")],
    ['an unknown context', withSteps("{ run: 'true', env: { A: '${{ repository.name }}' } }")],
    ['an expression that does not end', withSteps('{ run: \'true\', if: "${{ success( }}" }')],
    ['a missing input of a called workflow', callerOf('w.yml')],
    ['a called workflow that does not exist', callerOf('gone.yml')]
  ]
  const errors = parserErrors({
    files: bad.map(([name, content]) => ({ name, content, kind: 'workflow' })),
    reusable: {
      'w.yml': `on: { workflow_call: { inputs: { environment: { type: string, required: true } } } }\n${withSteps("run: 'true'").slice('on: push\n'.length)}`
    }
  })
  it.each(bad.map(([name], index) => ({ name, found: errors[index] })))('$name', ({ found }) => {
    expect(found).toHaveLength(1)
  })

  it('a file that is not an action', () => {
    const content = 'name: A\ndescription: B\nruns: { using: node24 }\n'
    expect(
      parserErrors({ files: [{ name: 'action.yml', content, kind: 'action' }], reusable })[0]
    ).not.toEqual([])
  })
})

it('takes whole workflows out of a page, and leaves parts of workflows', () => {
  const fence = '```'
  const page = `# A\n\n${fence}yaml\non: push\njobs: {}\n${fence}\n\n${fence}yaml\n- uses: x\n${fence}\n`
  expect(blocksOf('page.md', page)).toEqual([
    { name: 'page.md:4', content: 'on: push\njobs: {}\n', kind: 'page' }
  ])
})
