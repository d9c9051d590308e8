/** What earlier releases wrote, read by the current code. The records are never edited. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { formatClaim, parseBinding, parseClaims, parseSavedState } from '@change-actions/change-control'
import {
  bindingFor,
  claimOf,
  type Deployment,
  holderOf,
  isSameRun,
  noteOf,
  readClaims
} from '@change-actions/change-operations'
import { readRuntime, resolveInputs, type Shape, type Step } from '@change-actions/github-actions'
import { changesOfJob, deploymentOf, toRequest } from '@change-actions/github-actions/change'
import { deployedCommit } from '@change-actions/github-actions/input-sets'
import type { Change } from '@change-actions/servicenow-client'
import { describe, expect, it } from '@jest/globals'
import { inputs as createInputs } from '../../actions/create-change/src/inputs.ts'
import { type GateInputs, inputs as gateInputs } from '../../actions/gate/src/inputs.ts'
import { toGateRequest } from '../../actions/gate/src/request.ts'

interface GoldenRecord {
  readonly name: string
  readonly facts: {
    readonly action: string
    readonly env: Readonly<Record<string, string>>
    readonly inputs: Readonly<Record<string, string>>
    readonly fieldsBefore?: Readonly<Record<string, string>>
  }
  readonly written: {
    readonly output?: Readonly<Record<string, string>>
    readonly fields?: Readonly<Record<string, string>>
    readonly journal?: readonly { readonly value: string }[]
    readonly work_notes?: string
    readonly env?: Readonly<Record<string, string>>
    readonly state?: Readonly<Record<string, string>>
  }
}

const FOLDER = join(import.meta.dirname, 'release-1.0')

function records(kind: string): GoldenRecord[] {
  return JSON.parse(readFileSync(join(FOLDER, `${kind}.json`), 'utf8')).records
}

/** The deployment and the request that the current code makes of the same facts. */
async function current({ facts }: GoldenRecord) {
  const variables = Object.entries(facts.inputs).map(([name, value]) => [
    `INPUT_${name.toUpperCase()}`,
    value
  ])
  const env = { ...facts.env, ...Object.fromEntries(variables) }
  const gate = facts.action === 'gate'
  const shape: Shape = gate ? gateInputs : createInputs
  const { values } = await resolveInputs(shape, { env, warn: () => undefined })
  const inputs = values as GateInputs
  const runtime = deployedCommit(inputs, readRuntime(facts.env))
  const deployment = deploymentOf(runtime, inputs)
  const step = { inputs, runtime, policy: undefined } as Pick<
    Step<GateInputs>,
    'inputs' | 'runtime' | 'policy'
  >
  const request = gate ? toGateRequest(step, deployment, 0) : toRequest(inputs, deployment, 0)
  return { deployment, request }
}

/** A change whose work notes read like this. */
function changeWith(workNotes: string): Change {
  return { fields: { work_notes: { value: '', display: workNotes } } } as unknown as Change
}

it('has a test for each kind of record', () => {
  const kinds = readdirSync(FOLDER).flatMap(name => (name.endsWith('.json') ? [name.slice(0, -5)] : []))
  expect(kinds.sort()).toEqual([
    'bindings',
    'claims',
    'correlation-ids',
    'exported-variables',
    'notes',
    'saved-state'
  ])
})

describe('correlation ids of release 1.0', () => {
  it.each(records('correlation-ids'))('$name: are made of the same facts', async record => {
    const { request } = await current(record)
    expect(request.correlationId).toBe(record.written.output?.['correlation-id'])
  })
})

describe('bindings of release 1.0', () => {
  const all = records('bindings')

  it.each(all)('$name: are read for what they are', ({ written }) => {
    const display = written.fields?.correlation_display ?? ''
    const [, commit, runId, scope] = /^gha (\w{12}) (\d+) (\w{12})$/.exec(display) ?? []
    expect(parseBinding(display)).toEqual(commit === undefined ? undefined : { commit, runId, scope })
  })

  const made = all.filter(({ facts, written }) => {
    const display = written.fields?.correlation_display ?? ''
    return (
      facts.fieldsBefore === undefined && display.startsWith('gha ') && facts.env.GITHUB_RUN_ID !== undefined
    )
  })

  it.each(made)(
    '$name: are made of the same facts, as far as they are not of an earlier step',
    async record => {
      const { request } = await current(record)
      const [written, ours] = [record.written.fields?.correlation_display, request.correlationDisplay].map(
        text => parseBinding(text ?? '')
      )
      if (record.name.startsWith('then')) expect(ours?.scope).toBe(written?.scope)
      else expect(ours).toEqual(written)
    }
  )
})

describe('claims of release 1.0', () => {
  const all = records('claims').filter(({ written }) => written.work_notes !== undefined)

  it('are there', () => expect(all.length).toBeGreaterThan(4))

  it.each(all)('$name: are all read, newest last', ({ written }) => {
    const markers = [...(written.work_notes ?? '').matchAll(/\[gha claim \d+ \d+ \d+ \w{12}\]/g)]
    const claims = readClaims(changeWith(written.work_notes ?? '')) ?? []
    expect(claims.map(formatClaim)).toEqual(markers.map(([text]) => text).reverse())
    const latest = Math.max(...claims.map(one => one.generation))
    expect(holderOf(claims)).toEqual(claims.find(one => one.generation === latest))
  })

  it('are those of the same run for the current code', async () => {
    const [first] = all
    const { deployment } = await current(first as GoldenRecord)
    const [claim] = parseClaims(first?.written.work_notes ?? '')
    expect(claim).toBeDefined()
    expect(isSameRun(claimOf(deployment), claim as NonNullable<typeof claim>)).toBe(true)
  })

  it('in vain are no claims', () => {
    const lost = all.flatMap(({ written }) => [
      ...(written.work_notes ?? '').matchAll(/\[gha claim-lost [^\]]+\]/g)
    ])
    expect(lost.length).toBeGreaterThan(0)
    for (const [text] of lost) expect(parseClaims(text)).toEqual([])
  })
})

describe('notes of release 1.0', () => {
  const all = records('notes').filter(
    ({ facts, name }) => facts.inputs['work-notes'] !== undefined && !name.startsWith('then')
  )

  it.each(all)('$name: are known again by their marker', async record => {
    const { deployment } = await current(record)
    const ours = noteOf(deployment as Deployment, record.facts.inputs['work-notes'] ?? '').marker
    expect(record.written.journal?.map(({ value }) => value).join('\n')).toContain(ours)
  })
})

describe('variables of release 1.0', () => {
  it.each(records('exported-variables'))('$name: name the changes of the job', ({ written }) => {
    const { sysIds, numbers } = changesOfJob(written.env ?? {})
    expect(sysIds.join(',')).toBe(written.env?.SERVICENOW_CHANGE_SYS_ID ?? '')
    expect(numbers).toHaveLength(sysIds.length)
  })
})

describe('saved state of release 1.0', () => {
  const all = records('saved-state').filter(({ written }) => written.state?.gate !== undefined)

  it.each(all)('$name: tells the change and how far the gate came', ({ written }) => {
    const saved = parseSavedState(written.state?.gate ?? '')
    expect(saved).toMatchObject({ version: 1, change: { number: expect.stringMatching(/^CHG/) } })
    expect(['before', 'entering', 'entered']).toContain('change' in saved && saved.change.phase)
  })
})

describe('bindings', () => {
  it('of a deployment without a commit are none', () => {
    expect(bindingFor(deploymentOf(readRuntime({})))).toBe('')
  })
})
