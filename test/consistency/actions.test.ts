import { existsSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { inputMeta, kebab, type Shape } from '@change-actions/github-actions'
import { describe, expect, it } from '@jest/globals'
import { definition as attachEvidence } from '../../actions/attach-evidence/src/main.ts'
import { definition as checkConnection } from '../../actions/check-connection/src/main.ts'
import { definition as createChange } from '../../actions/create-change/src/main.ts'
import { definition as gate } from '../../actions/gate/src/main.ts'
import { definition as updateChange } from '../../actions/update-change/src/main.ts'
import { definition as waitApproval } from '../../actions/wait-approval/src/main.ts'
import { VERSION } from '../../packages/github-actions/src/product.ts'
import {
  ACTIONS,
  type ActionName,
  CONNECTION,
  isHidden,
  manifestFolder,
  ROOT,
  readManifest,
  statedDefault
} from '../../scripts/action-docs.ts'

const SHAPES: Record<ActionName, Shape> = {
  'create-change': createChange.inputs,
  'wait-approval': waitApproval.inputs,
  'update-change': updateChange.inputs,
  'attach-evidence': attachEvidence.inputs,
  'check-connection': checkConnection.inputs,
  gate: gate.inputs
}

/** Set by the action itself, from the policy file. */
const UNDECLARED = ['ownTitle']

const read = (file: string) => readFileSync(join(ROOT, file), 'utf8')

/** Defaults as people write them: no backticks, no blanks around commas. */
const plain = (text: string) => text.replaceAll('`', '').replace(/\s*,\s*/g, ', ')

describe.each(ACTIONS)('%s', action => {
  const manifest = readManifest(action)
  const shape = Object.entries(SHAPES[action])
    .filter(([key]) => !UNDECLARED.includes(key))
    .map(([key, schema]) => ({
      name: kebab(key),
      meta: inputMeta(schema)
    }))

  it('declares in action.yml exactly the inputs its schema reads', () => {
    expect(Object.keys(manifest.inputs).sort()).toEqual(shape.map(({ name }) => name).sort())
  })

  it.each(shape)('states the default of $name as the schema has it', ({ name, meta }) => {
    const { description = '', default: filled } = manifest.inputs[name] ?? {}
    if (meta.hidden) {
      expect(filled).toMatch(/^\$\{\{ .* \}\}$/)
      return
    }
    // The runner would fill a default in, and no policy file or variable could replace it any more.
    expect(filled).toBeUndefined()
    const stated = statedDefault(description)
    if (meta.defaultText !== undefined) expect(plain(stated ?? '')).toBe(plain(meta.defaultText))
    else expect(name.startsWith('change-') || stated === undefined).toBe(true)
    if (meta.env !== undefined) expect(description).toContain(`Falls back to ${meta.env}`)
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
    const first = readManifest('create-change')
    // The doctor writes nothing, so it has no dry run.
    const shared = CONNECTION.filter(name => action !== 'check-connection' || name !== 'dry-run')
    for (const name of shared) expect(manifest.inputs[name]).toEqual(first.inputs[name])
  })

  it('reads no input twice under two names', () => {
    expect(new Set(Object.keys(manifest.inputs)).size).toBe(shape.length)
    const hidden = Object.values(manifest.inputs).filter(isHidden)
    expect(hidden.every(input => input.description.startsWith('Filled in by the runner'))).toBe(true)
  })
})

it('has one version', () => {
  expect(JSON.parse(read('package.json')).version).toBe(VERSION)
})
