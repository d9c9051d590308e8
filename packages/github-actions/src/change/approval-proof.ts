import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ApprovalFacts, approvalStatement, stateText } from '@change-actions/change-control'
import type { Deployment, Waited } from '@change-actions/change-operations'
import { messageOf } from '../errors.ts'
import { policyOutput } from '../policy/texts.ts'
import type { Step } from '../step/definition.ts'
import { approvedRows } from './story/story.ts'

/** What the proof is made of, beside the step. */
export interface Proof {
  readonly waited: Waited
  readonly deployment: Deployment
  /** Origin of the instance. */
  readonly instance: string
  /** As in the output `approval-basis`. */
  readonly basis: string
}

/**
 * Writes the proof of an approval into the runner's folder for temporary files, and its path as the output
 * `approval-proof`: an in-toto statement, and beside it, with `.predicate.json` at the end, its predicate alone, as
 * actions/attest takes it. That it cannot be written is a warning: the approval is the same without.
 */
export function writeProof(
  step: Pick<Step<unknown>, 'runtime' | 'outputs' | 'policy' | 'log' | 'now'>,
  proof: Proof
): void {
  const facts = factsOf(step, proof)
  if (facts === undefined) return
  const statement = approvalStatement(facts)
  try {
    mkdirSync(step.runtime.temp, { recursive: true })
    const path = join(step.runtime.temp, `approval-${fileName(step.runtime.step)}.intoto.json`)
    writeAnew(path, statement)
    writeAnew(`${path}.predicate.json`, statement.predicate)
    step.outputs.set('approval-proof', path)
  } catch (error) {
    step.log.warning(`The proof of the approval could not be written: ${messageOf(error)}`)
  }
}

/** Undefined where no commit is known: there is nothing that it could be a statement about. */
function factsOf(
  { runtime, policy, now }: Pick<Step<unknown>, 'runtime' | 'policy' | 'now'>,
  { waited, deployment, instance, basis }: Proof
): ApprovalFacts | undefined {
  const { change, approvals = [] } = waited
  if (change === undefined || deployment.commit === '') return undefined
  const { commit, commitBasis, repository, server, environment, actor, workflow, job } = deployment
  const { run: id, attempt, runUrl: url } = deployment
  return {
    commit,
    commitBasis,
    artifacts: deployment.artifacts,
    repository,
    server: server || runtime.serverUrl,
    change: {
      number: change.number,
      sysId: change.sysId,
      instance,
      type: change.type,
      state: stateText(change)
    },
    basis,
    approvers: approvedRows(approvals).map(({ approver, group, at }) => ({ name: approver, group, at })),
    window: { start: change.plannedStart, end: change.plannedEnd },
    policy: policy === undefined ? undefined : policyOutput(policy),
    environment,
    run: { id, attempt, url, workflow, job, actor },
    at: now()
  }
}

/** The step's id as part of a file's name. */
function fileName(step: string): string {
  return step.replace(/[^A-Za-z0-9_-]/g, '_') || 'step'
}

/** A link that stands in its place is not followed. */
function writeAnew(path: string, content: unknown): void {
  rmSync(path, { force: true })
  writeFileSync(path, `${JSON.stringify(content, null, 2)}\n`, { flag: 'wx' })
}
