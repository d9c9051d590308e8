import type { LoadedScripts, SandboxOptions } from '@change-actions/sandbox'
import { beforeAll, describe, expect, it } from '@jest/globals'
import {
  companionScripts,
  FLOWS,
  SIGNING_SECRET,
  TRIGGER
} from '../../../packages/change-operations/src/testing/companion.ts'
import { report, results, row } from '../../testing/check-report.ts'
import { inWorld, type World } from '../../testing/perform.ts'
import { definition } from './main.ts'

let scripts: LoadedScripts
beforeAll(async () => {
  scripts = await companionScripts()
})

const checking = (
  inputs: Readonly<Record<string, string>>,
  body: (step: Awaited<ReturnType<World['perform']>>, world: World) => void,
  options: SandboxOptions = {}
) =>
  inWorld(options, async world => {
    body(await world.perform(definition, { inputs }), world)
  })

const writes = ({ sandbox }: World) =>
  sandbox.requests.filter(one => one.method !== 'GET' && one.path !== '/oauth_token.do')

describe('the check of a door', () => {
  it('is made for the companion, and says what only a message can show', () => {
    const inputs = { door: 'companion', flow: FLOWS.createChange, 'signing-secret': SIGNING_SECRET }
    return checking(
      inputs,
      (step, world) => {
        expect(row(step, 'Door')).toMatchObject({
          result: 'ok',
          detail: '/api/x_chgact/v1: the companion application responds'
        })
        expect(results(step, 'skipped')).toEqual(expect.arrayContaining(['Signing secret', 'Flow']))
        expect(step.failure).toBeUndefined()
        expect(writes(world)).toEqual([])
      },
      { scripts }
    )
  })

  it('fails where there is none, and without a secret', () =>
    checking({ door: 'companion' }, step => {
      expect(row(step, 'Door')).toMatchObject({
        result: 'fail',
        detail: expect.stringContaining('no such endpoint'),
        fix: expect.stringContaining('install the companion application')
      })
      expect(row(step, 'Signing secret')).toMatchObject({ result: 'fail' })
    }))

  it('fails for an account that the companion does not let in', () =>
    inWorld({ scripts }, async world => {
      const reader = { username: 'gha.reader', password: 'reader-password', instance: world.sandbox.url }
      const inputs = { door: 'companion', 'signing-secret': SIGNING_SECRET, ...reader }
      const step = await world.perform(definition, { inputs })
      expect(row(step, 'Door')).toMatchObject({
        result: 'fail',
        fix: expect.stringContaining('x_chgact.caller')
      })
    }))

  it('is made for Event Management by its table and role', async () => {
    await checking({ door: 'event-management' }, (step, world) => {
      expect(row(step, 'Door').result).toBe('ok')
      expect(writes(world)).toEqual([])
    })
    await inWorld({}, async world => {
      const reader = { username: 'gha.reader', password: 'reader-password', instance: world.sandbox.url }
      const step = await world.perform(definition, { inputs: { door: 'event-management', ...reader } })
      expect(row(step, 'Door')).toMatchObject({
        result: 'warn',
        detail: expect.stringContaining('not known')
      })
    })
    await inWorld({}, async world => {
      world.sandbox.fault({ kind: 'error', status: 400, message: 'Invalid table em_event', path: 'em_event' })
      const step = await world.perform(definition, { inputs: { door: 'event-management' } })
      expect(row(step, 'Door')).toMatchObject({ result: 'fail' })
    })
  })

  it('is made for a staging table', async () => {
    const door = 'import-set'
    await checking({ door, endpoint: '/api/now/import/u_deployment_event' }, step =>
      expect(row(step, 'Door').result).toBe('ok')
    )
    await checking({ door, endpoint: '/api/now/import/u_other' }, step =>
      expect(row(step, 'Door')).toMatchObject({ result: 'fail', fix: expect.stringContaining('`endpoint`') })
    )
  })

  it('starts no flow', () =>
    checking(
      { door: 'rest-trigger', endpoint: TRIGGER },
      (step, world) => {
        expect(row(step, 'Door').result).toBe('skipped')
        expect(row(step, 'Flow executions').result).toBe('ok')
        expect(world.sandbox.rows('sys_flow_context')).toEqual([])
      },
      { scripts }
    ))

  it('is left out where no door is named', () =>
    checking({}, step => expect(report(step).map(one => one.check)).not.toContain('Door')))

  it('needs the door that an endpoint or a flow belongs to', () =>
    checking({ endpoint: '/api/x/y', flow: 'x.y' }, step => {
      expect(step.failure?.text).toMatch(/`endpoint` is checked with `door` alone/)
      expect(step.failure?.text).toMatch(/`flow` is checked with `door` alone/)
    }))
})
