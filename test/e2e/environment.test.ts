/** Variables of the job: which ones a step reads, and that none of the form `INPUT_…` ever becomes an input. */
import { expect } from '@jest/globals'
import { approved, DEPLOYMENT, onBothApis, SOON, scenario, scenarios, type World } from './harness.ts'
import { type ActionName, manifestOf } from './manifest.ts'

type Inputs = Readonly<Record<string, string>>

/** As `env:` of the job or GITHUB_ENV would set them: one for each input that the action declares. */
function variablesOf(action: ActionName): Inputs {
  const names = Object.keys(manifestOf(action).inputs)
  return Object.fromEntries(names.map(name => [`INPUT_${name.toUpperCase()}`, 'of the job']))
}

const APPROVED = { state: '-2', approval: 'approved' }

/** The others need a GitHub or an application, or are an instance: see their own tests. */
type OfInstance = Exclude<
  ActionName,
  'audit-deployments' | 'preview-change' | 'resume-deployments' | 'run-flow' | 'sandbox'
>

const STEPS: Readonly<Record<OfInstance, (world: World) => Inputs>> = {
  'create-change': () => DEPLOYMENT,
  'wait-approval': ({ plant }) => ({
    ...SOON,
    'change-number': plant(APPROVED).number,
    'edits-after-submission': 'ignore'
  }),
  'update-change': ({ plant }) => ({ 'change-number': plant(APPROVED).number, state: 'implement' }),
  'attach-evidence': ({ job, plant }) => {
    job.file('report.txt', 'All well.\n')
    return { 'change-number': plant(APPROVED).number, files: '*.txt' }
  },
  'check-connection': () => ({ 'binding-key': 'key-of-the-organisation' }),
  'send-event': () => ({ event: 'deployment.started', door: 'event-management' })
}
const ACTIONS = Object.fromEntries((Object.keys(STEPS) as OfInstance[]).map(action => [action, action]))

scenarios('no variable of the job becomes an input: %s', {}, ACTIONS, async (world, action) => {
  const inputs = STEPS[action](world)
  const step = await world.newJob(variablesOf(action)).pass(action, inputs)
  expect(step.warnings).toEqual([])
  expect(step.log).not.toContain('of the job')
})

const SPELLINGS = {
  'with underscores': { INPUT_DRY_RUN: 'true', INPUT_STANDARD_CHANGE_TEMPLATE: 'app-deployment-template' },
  'with hyphens': { 'INPUT_DRY-RUN': 'true', 'INPUT_STANDARD-CHANGE-TEMPLATE': 'app-deployment-template' }
}
scenarios('a dry run and a template in the job are no inputs, %s', {}, SPELLINGS, async (world, env) => {
  const { sandbox, newJob } = world
  const step = await newJob(env).pass('create-change', DEPLOYMENT)
  expect(step.outputs).toMatchObject({ created: 'true', 'change-type': 'normal' })
  expect(step.warnings).toEqual([])
  expect(sandbox.rows('change_request')).toHaveLength(1)
  // The inputs of the step itself count.
  const dry = await newJob(env).pass('create-change', { ...DEPLOYMENT, dry_run: 'true', reuse: 'false' })
  expect(dry.outputs.created).toBe('false')
  expect(dry.log).toContain('Dry run: would create a normal change')
  expect(sandbox.rows('change_request')).toHaveLength(1)
})

scenario('a variable that resembles no input is a warning', {}, async ({ newJob }) => {
  const step = await newJob({ INPUT_FAVOURITE_COLOUR: 'blue' }).pass('create-change', DEPLOYMENT)
  expect(step.warnings).toEqual(['`favourite_colour` is not an input and is ignored'])
})

const nearMiss = (given: string, meant: string) => {
  const variable = `INPUT_${given.toUpperCase()}`
  return `\`${given}\` is not an input; did you mean \`${meant}\`? Correct the line under \`with:\`. If ${variable} is a variable set under \`env:\` or through GITHUB_ENV instead, rename it: it is never read as an input`
}
// Which of the two it was, the step cannot know: each error names both causes and both fixes.
const NEAR_MISSES = {
  'a misspelt input': [
    { 'asignment-group': 'DevOps Team' },
    {},
    nearMiss('asignment-group', 'assignment-group')
  ],
  'a misspelt input with underscores': [
    { short_decription: 'Deploy' },
    {},
    nearMiss('short_decription', 'short-description')
  ],
  'a variable of the job': [{}, { INPUT_DRYRUN: 'true' }, nearMiss('dryrun', 'dry-run')],
  'half a name': [{ 'change-template': 'x' }, {}, nearMiss('change-template', 'standard-change-template')]
} as const
scenarios('a near miss names both causes and both fixes: %s', {}, NEAR_MISSES, async (world, one) => {
  const [inputs, env, message] = one
  const step = await world.newJob(env).fail('create-change', { ...DEPLOYMENT, ...inputs })
  expect(step.error).toEqual({ kind: 'error', title: 'Input error', message })
  expect(world.sandbox.requests).toEqual([])
})

scenario('an empty variable is as good as none', {}, async ({ newJob }) => {
  const step = await newJob({ INPUT_DRYRUN: '', INPUT_FAVOURITE_COLOUR: ' ' }).pass(
    'create-change',
    DEPLOYMENT
  )
  expect(step.warnings).toEqual([])
})

scenario('both spellings with equal values pass', {}, async ({ sandbox, job }) => {
  const both = {
    'short-description': 'Deploy the shop',
    short_description: 'Deploy the shop ',
    'assignment-group': 'DevOps Team',
    assignment_group: 'DevOps Team'
  }
  const step = await job.pass('create-change', both)
  expect(step.warnings).toEqual([])
  expect(sandbox.change(step.outputs['change-number'] ?? '')?.short_description).toBe('Deploy the shop')
})

scenario('both spellings with different values: one error names both', {}, async ({ sandbox, job }) => {
  const step = await job.fail('create-change', { ...DEPLOYMENT, assignment_group: 'Platform Team' })
  expect(step.error.title).toBe('Input error')
  expect(step.error.message).toMatch(/^`assignment-group` [^\n]*`assignment_group`[^\n]*$/)
  expect(sandbox.requests).toEqual([])
})

onBothApis(api => {
  scenario('the commit is that of the input or of the run, and no variable', { api }, async world => {
    const { sandbox, newJob } = world
    const job = newJob({ SERVICENOW_COMMIT: 'f00dfacef00dfacef00dfacef00dfacef00dface' })
    const number = await approved({ ...world, job })
    expect(sandbox.change(number)).toMatchObject({
      correlation_display: expect.stringMatching(/^gha2 65dbbeda5ade/),
      description: expect.stringContaining('Commit: 65dbbeda5ade')
    })
  })
})
