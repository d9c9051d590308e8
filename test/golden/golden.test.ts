/** What earlier releases wrote, read by the current code. The records are never edited. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  holderOf,
  isInScope,
  isOwnClaim,
  oldScope,
  parseBinding,
  parseClaims,
  parseSavedState
} from '@change-actions/change-control'
import {
  bindingFor,
  claimantOf,
  type Deployment,
  type Identity,
  noteOf
} from '@change-actions/change-operations'
import { readRuntime, resolveInputs, type Shape, type Step } from '@change-actions/github-actions'
import { changesOfJob, deploymentOf, toRequest } from '@change-actions/github-actions/change'
import { statedCommit } from '@change-actions/github-actions/input-sets'
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
  const runtime = statedCommit(inputs, readRuntime(facts.env))
  const deployment = deploymentOf(runtime, inputs)
  const step = { inputs, runtime, policy: undefined } as Pick<
    Step<GateInputs>,
    'inputs' | 'runtime' | 'policy'
  >
  const identity: Identity = {
    deployment,
    trustedAccounts: [],
    bindingKey: undefined,
    allowForeignChange: false
  }
  const requester = { identity, instance: 'https://acme.service-now.com' }
  const request = gate ? toGateRequest(step, requester, 0) : toRequest(inputs, requester, 0)
  return { deployment, request }
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
    const bound = { version: 1, commit, runId, scope }
    expect(parseBinding(display)).toEqual(commit === undefined ? undefined : bound)
  })

  const made = all.filter(({ facts, written }) => {
    const display = written.fields?.correlation_display ?? ''
    return (
      facts.fieldsBefore === undefined && display.startsWith('gha ') && facts.env.GITHUB_RUN_ID !== undefined
    )
  })

  it.each(made)('$name: are of the same commit, run and scope', async record => {
    const { deployment, request } = await current(record)
    const written = parseBinding(record.written.fields?.correlation_display ?? '')
    const { server: serverUrl, repository, environment } = deployment
    const scope = { serverUrl, repository, environment }
    // create-change of release 1.0 knew no environment.
    expect([oldScope(scope), oldScope({ ...scope, environment: '' })]).toContain(written?.scope)
    expect(isInScope(written?.scope ?? '', scope)).toBe(true)
    if (record.name.startsWith('then')) return
    const ours = parseBinding(request.correlationDisplay)
    expect(ours?.commit.slice(0, 12)).toBe(written?.commit)
    expect(ours?.runId).toBe(written?.runId)
  })
})

describe('claims of release 1.0', () => {
  const all = records('claims').filter(({ written }) => written.work_notes !== undefined)

  it('are there', () => expect(all.length).toBeGreaterThan(4))

  it.each(all)('$name: are all read, newest last', ({ written }) => {
    const markers = [...(written.work_notes ?? '').matchAll(/\[gha claim \d+ \d+ \d+ \w{12}\]/g)]
    const claims = parseClaims(written.work_notes ?? '').reverse()
    const texts = claims.map(one => `[gha claim ${one.generation} ${one.runId} ${one.attempt} ${one.scope}]`)
    expect(texts).toEqual(markers.map(([text]) => text).reverse())
    const latest = Math.max(...claims.map(one => one.generation))
    expect(holderOf(claims)).toEqual(claims.find(one => one.generation === latest))
  })

  it('are those of the same run for the current code', async () => {
    const [first] = all
    const { deployment } = await current(first as GoldenRecord)
    const [claim] = parseClaims(first?.written.work_notes ?? '')
    expect(claim).toBeDefined()
    expect(isOwnClaim(claim as NonNullable<typeof claim>, claimantOf(deployment))).toBe(true)
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
  it('of a deployment without a commit and a run name neither', () => {
    expect(bindingFor(deploymentOf(readRuntime({})))).toMatch(/^gha2 0{40} 0 [0-9a-f]{16}\.[0-9a-f]{8}$/)
  })
})
