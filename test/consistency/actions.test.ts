import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { type Field, fieldsOf } from '@change-actions/github-actions'
import { POLICY_KEYS } from '@change-actions/github-actions/policy'
import { describe, expect, it } from '@jest/globals'
import { VERSION } from '../../packages/github-actions/src/product.ts'
import {
  ACTIONS,
  type ActionName,
  CONNECTION,
  inputTable,
  isHidden,
  manifestFolder,
  ROOT,
  readManifest,
  statedDefault
} from '../../scripts/action-docs.ts'
import { DESCRIBED, declaredInputs, manifestText } from '../../scripts/action-manifests.ts'
import { DEFINITIONS } from './definitions.ts'

const read = (file: string) => readFileSync(join(ROOT, file), 'utf8')

/** Defaults as people write them, without backticks. */
const plain = (text: string) => text.replaceAll('`', '')

describe.each(ACTIONS)('%s', action => {
  const manifest = readManifest(action)
  const shape = DEFINITIONS[action].inputs
  const fields = fieldsOf(shape)

  it('has an action.yml that is up to date (npm run docs)', () => {
    expect(read(join(manifestFolder(action), 'action.yml'))).toBe(manifestText(action))
    expect(DESCRIBED[action].shape).toBe(shape)
    expect(manifest.inputs).toEqual(declaredInputs(DESCRIBED[action]))
  })

  it('declares every input that it reads, and its second spelling, and nothing else', () => {
    const names = fields.flatMap(({ name, alias }) => (alias === undefined ? [name] : [name, alias]))
    expect(Object.keys(manifest.inputs).sort()).toEqual(names.sort())
  })

  it.each(fields)('declares $name so that the runner sets its variable in each step', (field: Field) => {
    const { name, alias, meta } = field
    const { description = '', default: value, required } = manifest.inputs[name] ?? {}
    expect(required).toBe(false)
    expect(value).toBe(meta.context ?? '')
    if (meta.context !== undefined) expect(alias).toBeUndefined()
    else expect(alias).toBe(name.includes('-') ? name.replaceAll('-', '_') : undefined)
    if (alias !== undefined)
      expect(manifest.inputs[alias]).toEqual({
        description: `Same as ${name}.`,
        required: false,
        default: ''
      })
    expect(statedDefault(description)).toBe(
      meta.defaultText === undefined ? undefined : plain(meta.defaultText)
    )
    if (meta.env !== undefined) expect(description).toContain(`Falls back to ${meta.env}.`)
    expect(description).toMatch(/^[^\s].*[^.\s]\.$/)
  })

  it('lists its inputs for users under one name each', () => {
    const rows = [...inputTable(manifest.inputs).matchAll(/^\| `([^`]+)`/gm)].map(([, name]) => name)
    const forUsers = fields
      .filter(({ name, meta }) => {
        const input = manifest.inputs[name]
        return meta.context === undefined || (input !== undefined && !isHidden(input))
      })
      .map(({ name }) => name)
    expect(rows.sort()).toEqual(forUsers.sort())
  })

  it('has no expression in a description, which would keep the whole action from loading', () => {
    const texts = [
      manifest.description,
      ...Object.values(manifest.inputs).map(input => input.description),
      ...Object.values(manifest.outputs).map(output => output.description)
    ]
    expect(texts.filter(text => text.includes('${{'))).toEqual([])
  })

  it('runs its committed bundle on Node 24', () => {
    expect(manifest.runs.using).toBe('node24')
    const scripts = [manifest.runs.main, ...(manifest.runs.post === undefined ? [] : [manifest.runs.post])]
    for (const script of scripts) {
      expect(relative(ROOT, join(ROOT, manifestFolder(action), script))).toMatch(
        new RegExp(`^dist/${action}/\\w+\\.js$`)
      )
      expect(existsSync(join(ROOT, manifestFolder(action), script))).toBe(true)
    }
  })

  it('words the inputs that all actions share as every other action does', () => {
    // The sandbox is an instance, and connects to none.
    if (action === 'sandbox') return
    const first = readManifest('create-change')
    // An action that only reads has no dry run.
    const reads = ['check-connection', 'audit-deployments', 'preview-change'].includes(action)
    const shared = CONNECTION.filter(name => !reads || name !== 'dry-run')
    for (const name of shared) expect(manifest.inputs[name]).toEqual(first.inputs[name])
  })

  it('says of an input that the runner sets that nobody has to set it', () => {
    const hidden = Object.values(manifest.inputs).filter(isHidden)
    expect(hidden.filter(input => !input.description.startsWith('Set automatically'))).toEqual([])
  })
})

describe('inputs', () => {
  it('that are secret are marked so, whatever they are called', () => {
    const names = ACTIONS.flatMap(action => fieldsOf(DEFINITIONS[action].inputs))
    const secret = names.filter(({ name }) => /password|passphrase|secret|token|-key$/.test(name))
    expect(new Set(secret.map(({ name }) => name)).size).toBeGreaterThan(6)
    expect(secret.filter(({ meta }) => !meta.secret)).toEqual([])
  })

  it('of the gate may stand in a policy, apart from the connection, the run, and what the runner sets', () => {
    const { allowed, refused } = POLICY_KEYS
    for (const { name, meta } of fieldsOf(DEFINITIONS.gate.inputs))
      expect([
        name,
        name in allowed || name in refused,
        name in allowed && meta.context !== undefined
      ]).toEqual([name, true, false])
    expect(Object.keys(allowed)).toEqual(expect.arrayContaining(['type', 'timeout', 'on-success', 'api']))
  })
})

describe('texts for users', () => {
  it('are in no bundle: nothing that runs in a step imports them', () => {
    const importing = sources().filter(file =>
      /from '[^']*(?:\/manifest(?:\.ts)?|\/descriptions\.ts)'/.test(read(file))
    )
    expect(importing).toEqual(['packages/github-actions/src/input-sets/manifest.ts'])
  })

  /** What is compiled for the bundles. */
  function sources(): string[] {
    const folders: readonly (ActionName | 'github-actions')[] = [...ACTIONS, 'github-actions']
    return folders.flatMap(name => {
      const folder = name === 'github-actions' ? 'packages/github-actions/src' : `actions/${name}/src`
      return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
        .filter(file => /\.ts$/.test(file) && !/\.test\.ts$|testing\//.test(file))
        .map(file => `${folder}/${file}`)
    })
  }
})

it('has one version', () => {
  expect(JSON.parse(read('package.json')).version).toBe(VERSION)
})
