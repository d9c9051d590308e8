import { readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import * as z from 'zod'
import { APPROVAL_PREDICATE, type ApprovalFacts, approvalStatement } from './index.ts'

const FACTS: ApprovalFacts = {
  commit: '0123456789abcdef0123456789abcdef01234567',
  commitBasis: 'observed',
  artifacts: [`sha256:${'a'.repeat(64)}`],
  repository: 'acme/shop',
  server: 'https://github.com',
  change: {
    number: 'CHG0030001',
    sysId: 'b'.repeat(32),
    instance: 'https://acme.service-now.com',
    type: 'normal',
    state: 'scheduled'
  },
  basis: 'person',
  approvers: [{ name: 'Anna Approver', group: 'CAB Approval', at: '2026-12-01 21:30:00' }],
  window: { start: Date.UTC(2026, 11, 1, 22), end: undefined },
  policy: { repository: 'acme/shop', path: '.github/servicenow-change.yml', commit: 'c'.repeat(40) },
  environment: 'production',
  run: {
    id: '7',
    attempt: '1',
    url: 'https://github.com/acme/shop/actions/runs/7',
    workflow: 'Deploy',
    job: 'deploy',
    actor: 'kim'
  },
  at: Date.UTC(2026, 11, 1, 22, 5)
}

const schema = JSON.parse(
  readFileSync(new URL('../../../schema/approval-proof.schema.json', import.meta.url), 'utf8')
)
const accepts = (value: unknown) => z.fromJSONSchema(schema).safeParse(value).success

describe('the proof of an approval', () => {
  it('is a statement about the commit and each artifact', () => {
    const statement = approvalStatement(FACTS)
    expect(statement.predicateType).toBe(APPROVAL_PREDICATE)
    expect(statement.subject).toEqual([
      { name: 'git+https://github.com/acme/shop', digest: { gitCommit: FACTS.commit } },
      { name: 'artifact-1', digest: { sha256: 'a'.repeat(64) } }
    ])
    expect(statement.predicate).toMatchObject({
      change: { number: 'CHG0030001' },
      approval: { basis: 'person', approvers: [{ name: 'Anna Approver' }] },
      window: { start: '2026-12-01T22:00:00.000Z', end: null },
      openedAt: '2026-12-01T22:05:00.000Z'
    })
  })

  it('says when the commit is only stated', () => {
    expect(approvalStatement({ ...FACTS, commitBasis: 'stated' }).predicate).toMatchObject({
      deployment: { commitBasis: 'commit stated, not observed' }
    })
  })

  it('has the form that its schema describes, with and without a policy', () => {
    expect(accepts(approvalStatement(FACTS))).toBe(true)
    expect(accepts(approvalStatement({ ...FACTS, policy: undefined, basis: 'person, bound later' }))).toBe(
      true
    )
    expect(accepts(approvalStatement({ ...FACTS, basis: 'somebody' }))).toBe(false)
    expect(accepts(approvalStatement({ ...FACTS, artifacts: ['sha256:short'] }))).toBe(false)
  })
})
