/** Correlation ids and bindings. */
import { byHand, CHECK_ONCE, changeOf, DEPLOY, inWorld, OTHER_SHA, run, SHA_256, STANDARD } from './run.mjs'

/** @typedef {import('./run.mjs').World} World */
/** @typedef {import('./run.mjs').StepOptions} StepOptions */
/** @typedef {import('./run.mjs').ActionName} ActionName */

/** Correlation ids: what each step stored in `correlation_id`. */
export async function correlationIds() {
  /** @type {[string, ActionName, StepOptions][]} */
  const cases = [
    ['create-change', 'create-change', { inputs: DEPLOY }],
    ['the next attempt: the same id', 'create-change', { inputs: DEPLOY, env: { GITHUB_RUN_ATTEMPT: '2' } }],
    ['correlation-scope', 'create-change', { inputs: { ...DEPLOY, 'correlation-scope': 'eu' } }],
    [
      'no repository id: the name stands in',
      'create-change',
      { inputs: DEPLOY, env: { GITHUB_REPOSITORY_ID: '' } }
    ],
    [
      'no repository id, name in another case: the same id',
      'create-change',
      { inputs: DEPLOY, env: { GITHUB_REPOSITORY_ID: '', GITHUB_REPOSITORY: 'Octo/Shop' } }
    ],
    [
      'the repository was renamed: the same id as before',
      'create-change',
      { inputs: DEPLOY, env: { GITHUB_REPOSITORY: 'octo/store' } }
    ],
    ['second leg of a matrix', 'create-change', { inputs: { ...DEPLOY, 'own-matrix-index': '1' } }],
    ['another step of the job', 'create-change', { inputs: DEPLOY, env: { GITHUB_ACTION: '__second' } }],
    [
      'another server',
      'create-change',
      { inputs: DEPLOY, env: { GITHUB_SERVER_URL: 'https://GHE.octo.example/' } }
    ],
    ['emergency', 'create-change', { inputs: { ...DEPLOY, type: 'emergency' } }],
    [
      'standard from a template',
      'create-change',
      { inputs: { ...DEPLOY, 'standard-change-template': 'app-deployment-template' } }
    ],
    ['configuration item by name', 'create-change', { inputs: { ...DEPLOY, 'cmdb-ci': 'prod-k8s-cluster' } }],
    ['given as input', 'create-change', { inputs: { ...DEPLOY, 'correlation-id': 'shop/eu:2026-11' } }],
    ['gate, identity version', 'gate', { inputs: { ...CHECK_ONCE, version: 'v1.2.3' } }],
    [
      'gate, identity version, the version is the tag',
      'gate',
      { inputs: CHECK_ONCE, env: { GITHUB_REF: 'refs/tags/v1.2.3', GITHUB_REF_NAME: 'v1.2.3' } }
    ],
    ['gate, identity version, the version is the short commit id', 'gate', { inputs: CHECK_ONCE }],
    ['gate, identity run', 'gate', { inputs: { ...CHECK_ONCE, identity: 'run' } }],
    ['gate, identity commit', 'gate', { inputs: { ...CHECK_ONCE, identity: 'commit' } }],
    [
      'gate, identity commit, another commit than that of the run',
      'gate',
      { inputs: { ...CHECK_ONCE, identity: 'commit', commit: OTHER_SHA } }
    ],
    [
      'gate, correlation-scope',
      'gate',
      { inputs: { ...CHECK_ONCE, version: 'v1.2.3', 'correlation-scope': 'eu' } }
    ],
    [
      'gate, no repository id',
      'gate',
      { inputs: { ...CHECK_ONCE, version: 'v1.2.3' }, env: { GITHUB_REPOSITORY_ID: '' } }
    ],
    [
      'gate, second leg of a matrix',
      'gate',
      { inputs: { ...CHECK_ONCE, version: 'v1.2.3', 'own-matrix-index': '1' } }
    ],
    [
      'gate, environment in another case: another id',
      'gate',
      { inputs: { ...CHECK_ONCE, version: 'v1.2.3', environment: 'PRODUCTION' } }
    ],
    ['gate, no environment', 'gate', { inputs: { ...CHECK_ONCE, version: 'v1.2.3', environment: '' } }],
    ['gate, template', 'gate', { inputs: { ...STANDARD, version: 'v1.2.3' } }],
    [
      'gate, configuration item by name',
      'gate',
      { inputs: { ...CHECK_ONCE, version: 'v1.2.3', 'cmdb-ci': 'prod-k8s-cluster' } }
    ]
  ]
  const plain = cases.map(([title, action, options]) =>
    inWorld(world => idRecord(world, title, action, options))
  )
  const child = inWorld(async world => {
    const parent = await byHand(world)
    const inputs = { ...DEPLOY, 'parent-change': parent.number?.value ?? '' }
    return idRecord(world, 'parent by number', 'create-change', { inputs })
  })
  return Promise.all([...plain, child])
}

/**
 * @param {World} world
 * @param {string} name
 * @param {ActionName} action
 * @param {StepOptions} options
 */
async function idRecord(world, name, action, options) {
  const step = await run(world, action, options)
  const change = await changeOf(world, step)
  const output = { 'correlation-id': step.outputs['correlation-id'] }
  return {
    name,
    facts: step.facts,
    written: { output, fields: { correlation_id: change.correlation_id.value } }
  }
}

/** Bindings: what each step stored in `correlation_display`. */
export async function bindings() {
  const none = { GITHUB_SHA: '', GITHUB_RUN_ID: '' }
  /** @type {[string, ActionName, StepOptions][]} */
  const cases = [
    ['create-change: no environment', 'create-change', { inputs: DEPLOY }],
    [
      'create-change, another commit than that of the run',
      'create-change',
      { inputs: { ...DEPLOY, commit: OTHER_SHA } }
    ],
    [
      'create-change in a SHA-256 repository',
      'create-change',
      { inputs: DEPLOY, env: { GITHUB_SHA: SHA_256 } }
    ],
    [
      'create-change, server and repository in another case: the same scope',
      'create-change',
      { inputs: DEPLOY, env: { GITHUB_SERVER_URL: 'https://GitHub.com/', GITHUB_REPOSITORY: 'Octo/Shop' } }
    ],
    [
      'create-change after the repository was renamed: another scope',
      'create-change',
      { inputs: DEPLOY, env: { GITHUB_REPOSITORY: 'octo/store' } }
    ],
    ['create-change outside GitHub Actions: no binding', 'create-change', { inputs: DEPLOY, env: none }],
    ['gate', 'gate', { inputs: CHECK_ONCE }],
    [
      'gate, environment in another case: another scope',
      'gate',
      { inputs: { ...CHECK_ONCE, environment: 'Production' } }
    ],
    ['gate, environment with blanks', 'gate', { inputs: { ...CHECK_ONCE, environment: 'Prod EU ü' } }],
    ['gate, no environment', 'gate', { inputs: { ...CHECK_ONCE, environment: '' } }]
  ]
  const plain = cases.map(([title, action, options]) =>
    inWorld(world => bindingRecord(world, title, action, options))
  )
  const supplied = [
    ['gate with a change made by hand: bound on first use', ''],
    ['gate with a change that holds the text of another tool: overwritten', 'JIRA-4711']
  ].map(([title = '', before = '']) =>
    inWorld(async world => {
      const change = await byHand(world, before === '' ? {} : { correlation_display: before })
      const inputs = { ...CHECK_ONCE, 'change-number': change.number?.value ?? '' }
      return bindingRecord(world, title, 'gate', { inputs }, before)
    })
  )
  const rebound = [
    ['a draft is bound to the commit of the next run', 'false'],
    ['a change whose approval was requested keeps its commit', 'true']
  ].map(([title = '', request = '']) =>
    inWorld(async world => {
      const inputs = { ...DEPLOY, 'correlation-id': 'shop-v1.2.3', 'request-approval': request }
      const first = await run(world, 'create-change', { inputs })
      const before = (await changeOf(world, first)).correlation_display.value
      const env = { GITHUB_RUN_ID: '1002', GITHUB_SHA: OTHER_SHA }
      return bindingRecord(world, title, 'create-change', { inputs, env }, before)
    })
  )
  return Promise.all([...plain, ...supplied, ...rebound])
}

/**
 * @param {World} world
 * @param {string} name
 * @param {ActionName} action
 * @param {StepOptions} options
 * @param {string} [before] what the field held
 */
async function bindingRecord(world, name, action, options, before) {
  const step = await run(world, action, options)
  const change = await changeOf(world, step)
  return {
    name,
    facts: { ...step.facts, ...(before !== undefined && { fieldsBefore: { correlation_display: before } }) },
    written: { fields: { correlation_display: change.correlation_display.value } }
  }
}
