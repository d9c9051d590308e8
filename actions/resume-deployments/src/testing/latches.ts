/** How deployments wait at GitHub, go on, and end, under each latch. */

import type { LatchName } from '@change-actions/github-actions/input-sets'
import type { RepositoryHandle } from '../../../../test/github/repository-handle.ts'
import type { RunHandle } from '../../../../test/github/run-handle.ts'
import { RELEASE } from './sweeps.ts'

/** A deployment that somebody asked for, and its change. */
export interface Asked {
  /** The run that asked. */
  readonly run: RunHandle
  readonly sysId: string
  readonly number: string
  readonly starts: Start[]
  /** Nothing is to start any more: deployed, or its run is over. */
  isOver: boolean
  /** The run that began to deploy and could not close the change, which is in Implement. */
  leftBy: RunHandle | undefined
  /** Its change and its runs are deleted. */
  isGone: boolean
}

/** Something that was started for it, and looks at the change. */
export interface Start {
  readonly run: RunHandle
  readonly attempt: number
  /** It has the change. */
  isClaimed: boolean
  isEnded: boolean
}

/** How a start ends; `failed`: it had the change. */
export type Ended = 'deployed' | 'failed' | 'refused'

/** A latch of the action, and the workflows around it. */
export interface PlayedLatch {
  readonly inputs: Readonly<Record<string, string>>
  /** Prepares the repository; it has the environment production with the App's rule. */
  prepare(shop: RepositoryHandle): void
  /** A deployment that waits for its change. */
  ask(shop: RepositoryHandle): RunHandle
  /** What GitHub started for it that is not among its starts. */
  started(shop: RepositoryHandle, asked: Asked): readonly RunHandle[]
  /** The job of a start that claims the change begins. */
  begin(start: Start): void
  /** That job ends. */
  end(start: Start, result: Ended): void
  /** Whether a start that is refused leaves the deployment waiting for the next one. */
  readonly waitsAgain: boolean
  readonly faults: readonly string[]
}

const SKIPS = { skips: ['deploy', 'notify'] }

const withoutRules = (shop: RepositoryHandle) => void shop.environment('production', { rules: [] })

export const PLAYED: Readonly<Record<LatchName, PlayedLatch>> = {
  'protection-rule': {
    inputs: {},
    prepare: () => undefined,
    ask: shop => shop.run('deploy.yml').finish('build'),
    started: (_, { run, starts }) =>
      run.gate('production')?.state === 'passed' && starts.length === 0 ? [run] : [],
    begin: ({ run }) => void run.start('deploy'),
    end: ({ run }, result) => void run.finish('deploy', result === 'deployed' ? 'success' : 'failure'),
    waitsAgain: false,
    faults: [
      'actions/review-custom-gates-for-run',
      'actions/get-pending-deployments-for-run',
      'actions/get-reviews-for-run'
    ]
  },
  rerun: {
    inputs: { job: 'check' },
    prepare: withoutRules,
    ask: shop => shop.run('check.yml').finish('check', 'success', SKIPS),
    started: (_, { run, starts }) => (run.attempt > (starts.at(-1)?.attempt ?? 1) ? [run] : []),
    begin: ({ run }) => void run.start('check'),
    end: ({ run }, result) => {
      if (result === 'refused') run.finish('check', 'success', SKIPS)
      else if (result === 'failed') run.finish('check').finish('deploy', 'failure')
      // The last job may be one for failures, which is skipped.
      else if (run.id % 2 === 0) run.finish('check').finish('deploy', 'success', { skips: ['notify'] })
      else run.finish('check').finish('deploy').finish('notify')
    },
    waitsAgain: true,
    faults: [
      'actions/re-run-job-for-workflow-run',
      'actions/get-workflow-run',
      'actions/list-jobs-for-workflow-run'
    ]
  },
  dispatch: {
    inputs: { workflow: 'release.yml', interval: '15m' },
    prepare: shop => {
      withoutRules(shop)
      shop.commit({ files: { '.github/workflows/release.yml': RELEASE } })
      shop.tag('v1')
    },
    ask: shop => shop.run('check.yml', { ref: 'v1' }).finish('check', 'success', SKIPS),
    started: (shop, { sysId, starts }) =>
      shop.runs.filter(
        ({ inputs, id }) => inputs['change-sys-id'] === sysId && starts.every(one => one.run.id !== id)
      ),
    begin: ({ run }) => void run.start('deploy'),
    end: ({ run }, result) => void run.finish('deploy', result === 'deployed' ? 'success' : 'failure'),
    waitsAgain: true,
    faults: ['actions/create-workflow-dispatch', 'actions/get-workflow-run', 'actions/list-workflow-runs']
  }
}
