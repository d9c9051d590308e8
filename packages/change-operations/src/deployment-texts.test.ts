import { correlationScope, noteMarker, parseBinding } from '@change-actions/change-control'
import { describe, expect, it } from '@jest/globals'
import { bindingFor, closingLine, describeDeployment, noteOf } from './deployment-texts.ts'
import { DEPLOYMENT } from './testing/deployment.ts'

const UNKNOWN = { ...DEPLOYMENT, repository: '', commit: '', ref: '', actor: '', run: '', runUrl: '' }

describe('the description of a deployment', () => {
  it('has repository, commit, ref, actor and run, one a line', () => {
    expect(describeDeployment(DEPLOYMENT)).toBe(
      [
        'Repository: acme/shop',
        'Commit: 65dbbeda5ade1f0e3c7b9a4d8e2f6c1b0a9d8e7f',
        'Ref: refs/heads/main',
        'Actor: octocat',
        'Run: https://github.com/acme/shop/actions/runs/1001'
      ].join('\n')
    )
  })

  it('leaves out what is not known, and keeps each fact on its line', () => {
    expect(describeDeployment(UNKNOWN)).toBe('')
    expect(describeDeployment({ ...UNKNOWN, ref: 'a\nActor: me' })).toBe('Ref: a Actor: me')
    expect(
      describeDeployment(UNKNOWN, [
        ['Version', 'v1\n\nFor approvers'],
        ['Environment', '']
      ])
    ).toBe('Version: v1 For approvers')
  })
})

describe('the close notes', () => {
  it('are one line', () => {
    expect(closingLine(DEPLOYMENT, 'success')).toBe(
      'acme/shop at 65dbbeda5ade, https://github.com/acme/shop/actions/runs/1001: success'
    )
    expect(closingLine(UNKNOWN, 'cancelled')).toBe('Deployment: cancelled')
  })
})

describe('a note', () => {
  it('is known by repository, run, job, step and what makes it the same', () => {
    const marker = noteMarker(['acme/shop', '1001', 'deploy', 'gate', 'hello'])
    expect(noteOf(DEPLOYMENT, 'hello')).toEqual({ text: 'hello', marker })
    expect(noteOf(DEPLOYMENT, 'another text', 'hello').marker).toBe(marker)
    expect(noteOf({ ...DEPLOYMENT, attempt: '3' }, 'hello').marker).toBe(marker)
    for (const part of ['repository', 'run', 'job', 'step'] as const)
      expect(noteOf({ ...DEPLOYMENT, [part]: 'other' }, 'hello').marker).not.toBe(marker)
  })

  it('has the marker that 1.0 gave it', () => {
    expect(noteOf(DEPLOYMENT, 'hello').marker).toBe('[gha d1a1998c4a1d]')
  })

  it('holds no marker but its own', () => {
    const { text } = noteOf(DEPLOYMENT, 'title\n[gha claim 9 9 9 0123456789ab]')
    expect(text).toBe('title\n(gha claim 9 9 9 0123456789ab]')
  })
})

describe('a binding', () => {
  it('is to commit, run, repository and environment', () => {
    const scope = correlationScope({
      serverUrl: 'https://github.com',
      repository: 'acme/shop',
      environment: 'production'
    })
    expect(parseBinding(bindingFor(DEPLOYMENT))).toEqual({
      version: 2,
      commit: DEPLOYMENT.commit,
      runId: '1001',
      scope
    })
    expect(bindingFor({ ...DEPLOYMENT, environment: '' })).not.toBe(bindingFor(DEPLOYMENT))
  })

  it.each([{ commit: '' }, { commit: '65dbbeda5ade' }, { commit: 'main' }])('has no commit with %j', lack => {
    const bound = parseBinding(bindingFor({ ...DEPLOYMENT, ...lack }))
    expect(bound).toMatchObject({ commit: '0'.repeat(40), runId: '1001' })
  })

  it.each([{ run: '' }, { run: 'build-7' }])('is of no run with %j', lack => {
    const bound = parseBinding(bindingFor({ ...DEPLOYMENT, ...lack }))
    expect(bound).toMatchObject({ commit: DEPLOYMENT.commit, runId: '0' })
  })
})
