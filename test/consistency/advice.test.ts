/** Every fix names inputs that exist, with values that they accept. */

import { type Input, kebab, type Shape } from '@change-actions/github-actions'
import { EXPLANATIONS, type Variant } from '@change-actions/github-actions/messages'
import { describe, expect, it } from '@jest/globals'
import * as z from 'zod/mini'
import { definition as attachEvidence } from '../../actions/attach-evidence/src/main.ts'
import { definition as auditDeployments } from '../../actions/audit-deployments/src/main.ts'
import { definition as checkConnection } from '../../actions/check-connection/src/main.ts'
import { definition as createChange } from '../../actions/create-change/src/main.ts'
import { definition as gate } from '../../actions/gate/src/main.ts'
import { definition as previewChange } from '../../actions/preview-change/src/main.ts'
import { definition as resumeDeployments } from '../../actions/resume-deployments/src/main.ts'
import { definition as runFlow } from '../../actions/run-flow/src/main.ts'
import { definition as sandbox } from '../../actions/sandbox/src/main.ts'
import { definition as sendEvent } from '../../actions/send-event/src/main.ts'
import { definition as updateChange } from '../../actions/update-change/src/main.ts'
import { definition as waitApproval } from '../../actions/wait-approval/src/main.ts'

const SHAPES: readonly Shape[] = [
  attachEvidence,
  auditDeployments,
  resumeDeployments,
  checkConnection,
  createChange,
  gate,
  runFlow,
  previewChange,
  sandbox,
  sendEvent,
  updateChange,
  waitApproval
].map(definition => definition.inputs)

interface Advice {
  readonly code: string
  readonly text: string
}

const fixes: readonly Advice[] = Object.entries(EXPLANATIONS).flatMap(([code, { fix, variants = {} }]) => {
  const others = Object.values<Variant>(variants).flatMap(variant => variant.fix ?? [])
  return [fix, ...others].map(text => ({ code, text }))
})

interface Advised extends Advice {
  readonly name: string
  readonly value: string | undefined
}

/** What stands in backticks: an input, or an input with a value. */
const advised: readonly Advised[] = fixes.flatMap(({ code, text }) =>
  [...text.matchAll(/`([^`]+)`/g)].map(([, quoted = '']) => {
    const [, name = quoted, value] = /^([a-z-]+): (.+)$/.exec(quoted) ?? []
    return { code, text, name, value }
  })
)

/** The schemas of an input, in the actions that have it. */
function schemasOf(name: string): z.ZodMiniType[] {
  return SHAPES.flatMap(shape =>
    Object.entries(shape).flatMap(([key, schema]) => (kebab(key) === name ? [schema] : []))
  )
}

const NAMES = [...new Set(SHAPES.flatMap(shape => Object.keys(shape).map(kebab)))]

describe('advice', () => {
  it('is given', () => {
    expect(advised.length).toBeGreaterThan(30)
  })

  it.each(advised)('of $code: `$name` is an input, and takes $value', async ({ name, value }) => {
    const schemas = schemasOf(name) as Input<unknown>[]
    expect(schemas.length).toBeGreaterThan(0)
    if (value === undefined) return
    const results = await Promise.all(schemas.map(schema => z.safeParseAsync(schema, value)))
    expect(results.filter(({ success }) => !success)).toEqual([])
  })

  it.each(fixes)('of $code names every input in backticks', ({ text }) => {
    const plain = text.replace(/`[^`]*`/g, '')
    const words = plain.match(/[a-z]+(?:-[a-z]+)+/g) ?? []
    expect(words.filter(word => NAMES.includes(word) && !['create-change'].includes(word))).toEqual([])
  })

  it.each(fixes)('of $code has placeholders that are filled in', ({ code, text }) => {
    const names = [...text.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name)
    const explanation = EXPLANATIONS[code]
    if (names.length > 0) expect(explanation?.values).toBeDefined()
  })
})
