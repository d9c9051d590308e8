/** Inputs of the actions, and the policy file. */
import { parsePolicy } from '@change-actions/change-control'
import { isInputError, Refusal, resolveInputs, type Shape } from '@change-actions/github-actions'
import { inputs as attachInputs } from '../../../actions/attach-evidence/src/inputs.ts'
import { inputs as createInputs } from '../../../actions/create-change/src/inputs.ts'
import { inputs as gateInputs } from '../../../actions/gate/src/inputs.ts'
import { inputs as updateInputs } from '../../../actions/update-change/src/inputs.ts'
import { fieldsProblems, toScalars } from '../../../packages/github-actions/src/change/fields.ts'
import { readEntries } from '../../../packages/github-actions/src/files/entries.ts'
import { fieldsOf } from '../../../packages/github-actions/src/inputs/read.ts'
import { parseDuration } from '../../../packages/github-actions/src/inputs/time.ts'
import { readYaml, readYamlFile } from '../../../packages/github-actions/src/inputs/yaml.ts'
import { POLICY_KEYS } from '../../../packages/github-actions/src/policy/index.ts'
import { harmless, link, markdown, oneLine } from '../../../packages/github-actions/src/text.ts'
import { mutated, pick, type Random } from '../mutate.ts'
import type { Target } from '../target.ts'

const DURATIONS = ['90', '15m', '1h30m', '2d', '0', '1d 2h 3m 4s', '99999999d']

/** Values of inputs, by the kind of the input. */
const SAMPLES: Readonly<Record<string, readonly string[]>> = {
  duration: DURATIONS,
  date: ['2026-12-01T22:00:00Z', '2026-12-01T22:00+02:00', '+2h', '2026-02-29 10:00:00.123 -0330'],
  boolean: ['true', 'FALSE'],
  integer: ['4', '-1', '+007'],
  word: ['table', 'close', 'refuse', 'normal'],
  items: ['new, assess', 'scheduled\nimplement', '-5,0,3', 'out/**/*.xml\n!skip/**'],
  list: ['- name: Unit\n  file: a.xml\n- b.xml', '["a", {"file": "b"}]', '- &a x\n- *a'],
  map: [
    'u_a: 1\nu_b: "x"',
    '{"u_a": true}',
    'draft: new\n"10": review',
    'a: 2026-12-01T22:00:00Z\nstart_date: x'
  ],
  text: ['acme', 'https://acme.service-now.com', 'CHG0030001', 'a'.repeat(32), 'main', 'sha256:00']
}

const POLICIES = [
  `unlisted: error
title: 'Deploy "{repository}" version {version} to "{environment}"'
defaults: { assignment-group: DevOps Team, timeout: 4h }
environments:
  production:
    cmdb-ci: prod
    proceed-states: [scheduled, implement]
    fields: { u_a: 1, u_b: [1, 2] }
    enforce: { type: [normal, emergency], proceed-states: [[scheduled], [implement]] }
  dev: { change-controlled: false }
enforce: { change-window: respect }
names: { assignment-group: { DevOps Team: ${'a'.repeat(32)} } }
states: { draft: new, "10": review }
`,
  'environments:\n  a: &x { timeout: 1h }\n  b: *x\n',
  '{"defaults": {"attachments": [{"name": "a", "file": "b"}]}}'
]

const isRefusal = (error: unknown): boolean => error instanceof Refusal

async function resolve(shape: Shape, random: Random): Promise<void> {
  const fields = fieldsOf(shape)
  const given = Array.from({ length: 3 }, () => pick(random, fields)).map(({ name, meta }) => {
    const samples = meta.words ?? SAMPLES[meta.kind] ?? SAMPLES.text ?? []
    return [`INPUT_${name.toUpperCase()}`, mutated([...samples], random)] as const
  })
  await resolveInputs(shape, { env: Object.fromEntries(given), warn: () => undefined })
}

async function readPolicy(random: Random): Promise<void> {
  const { value, placeOf } = await readYamlFile(mutated(POLICIES, random))
  const result = parsePolicy(value, POLICY_KEYS)
  if ('problems' in result) for (const { path } of result.problems) placeOf(path)
}

async function readFields(random: Random): Promise<void> {
  const value = await readYaml(mutated(SAMPLES.map ?? [], random))
  const fields = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  if (fieldsProblems(fields, ['state']).length === 0) toScalars(fields)
}

async function readFiles(random: Random): Promise<void> {
  const value = await readYaml(mutated(SAMPLES.list ?? [], random))
  readEntries({
    files: mutated(SAMPLES.items ?? [], random).split('\n'),
    attachments: Array.isArray(value) ? value : []
  } as never)
}

const inputsOf = (name: string, shape: Shape): Target => ({
  name: `inputs: ${name}`,
  run: random => resolve(shape, random),
  declared: isInputError
})

export const inputTargets: readonly Target[] = [
  inputsOf('the gate', gateInputs),
  inputsOf('create-change', createInputs),
  inputsOf('update-change', updateInputs),
  inputsOf('attach-evidence', attachInputs),
  { name: 'inputs: duration', run: random => parseDuration(mutated(DURATIONS, random)) },
  {
    name: 'inputs: YAML',
    run: random => readYaml(mutated([...POLICIES, ...(SAMPLES.map ?? []), ...(SAMPLES.list ?? [])], random)),
    declared: isRefusal
  },
  { name: 'inputs: policy file', run: readPolicy, declared: isRefusal },
  { name: 'inputs: fields', run: readFields, declared: isRefusal },
  { name: 'inputs: files and attachments', run: readFiles, declared: isRefusal },
  {
    name: 'inputs: text that is printed',
    run(random) {
      const text = mutated(POLICIES, random)
      for (const print of [harmless, oneLine, markdown]) {
        const printed = print(text)
        if (/^::|##\[|\r/m.test(printed))
          throw new Error(`a workflow command is left in ${JSON.stringify(printed)}`)
      }
      link(text, mutated(SAMPLES.text ?? [], random))
    }
  }
]
