import { describe, expect, it } from '@jest/globals'
import { SLUG } from '../../packages/github-actions/src/product.ts'
import { catalogue } from './catalogue.ts'
import { missingEnvironments, missingPermissions, permissionsInHeader } from './permission-checks.ts'
import type { Catalogue } from './workflow-uses.ts'

/** A workflow of one job with this step. */
const withStep = (step: string) =>
  `on: push\njobs:\n  deploy:\n    runs-on: ubuntu-latest\n    steps:\n      - ${step}\n`

const callerOf = (more = '') => `on: push\njobs:\n  call:\n    uses: ${SLUG}/w.yml@v1\n${more}`

describe('the checks find', () => {
  const full = '{ contents: read, deployments: read, pull-requests: read, checks: read, statuses: read }'
  const asking: Catalogue = {
    ...catalogue,
    reusable: new Map([
      [
        'w.yml',
        { inputs: {}, outputs: [], secrets: {}, permissions: { contents: 'read', 'id-token': 'write' } }
      ]
    ])
  }

  it.each<[string, string, string, string[]]>([
    [
      'a gate without what its brief reads',
      'permissions: { contents: read, checks: read, statuses: read }\n',
      withStep(`{ uses: '${SLUG}@v1', with: { environment: production } }`),
      ['deployments', 'pull-requests']
    ],
    [
      'a create-change without what its brief reads',
      'permissions: { contents: read }\n',
      withStep(`{ uses: '${SLUG}/actions/create-change@v1', with: { short-description: x } }`),
      ['checks', 'statuses']
    ],
    [
      'a gate in a job that says less',
      `permissions: ${full}\n`,
      `${withStep(`uses: ${SLUG}@v1`)}    permissions: {}\n`,
      ['contents', 'checks', 'statuses']
    ],
    [
      'a gate with a change of others, whose notes link to the comparison',
      'permissions: { contents: read }\n',
      withStep(`{ uses: '${SLUG}@v1', with: { environment: production, change-number: CHG1 } }`),
      ['deployments']
    ],
    [
      'a called workflow that creates a change where the caller names none',
      'permissions: { contents: read }\n',
      withStep(`{ uses: '${SLUG}@v1', with: { change-number: '\${{ inputs.number }}' } }`).replace(
        'on: push',
        'on: { workflow_call: {} }'
      ),
      ['checks', 'statuses']
    ],
    [
      'a call that grants less than is asked for',
      'permissions: { contents: read }\n',
      callerOf(),
      ['id-token']
    ],
    ['a call that only reads', '', callerOf('    permissions: read-all\n'), ['id-token']]
  ])('%s', (_, permissions, content, missing) => {
    const found = missingPermissions(`${permissions}${content}`, asking)
    expect(found.map(text => /it needs ([a-z-]+): /.exec(text)?.[1])).toEqual(missing)
  })

  it('nothing to grant where nothing is read', () => {
    const off = withStep(`{ uses: '${SLUG}@v1', with: { environment: production, change-brief: 'off' } }`)
    const update = withStep(`{ uses: '${SLUG}/actions/update-change@v1', with: { state: implement } }`)
    const granted = `permissions: ${full}\n${withStep(`{ uses: '${SLUG}@v1', with: { environment: production } }`)}`
    const called = callerOf('    permissions: { contents: write, id-token: write }\n')
    expect([off, update, granted, called].flatMap(one => missingPermissions(one, asking))).toEqual([])
  })

  it('an environment that a step is not told', () => {
    const step = `{ uses: '${SLUG}/actions/update-change@v1', with: { state: implement } }`
    const content = `${withStep(step)}    environment: production\n`
    expect(missingEnvironments(content, catalogue)).toEqual([
      `deploy: give environment to ${SLUG}/actions/update-change@v1`
    ])
    expect(missingEnvironments(withStep(step), catalogue)).toEqual([])
  })
})

it('reads what the head of a called workflow says that a caller grants', () => {
  const header =
    '#   jobs:\n#     deploy:\n#       permissions: { contents: read, id-token: write }\nname: Deploy\n'
  expect(permissionsInHeader(header)).toEqual({ contents: 'read', 'id-token': 'write' })
  expect(permissionsInHeader('name: Deploy\npermissions: { contents: read }\n')).toBeUndefined()
})
