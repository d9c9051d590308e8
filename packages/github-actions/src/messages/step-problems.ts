/** What it means that a step itself fails, by code. */

import { oneLine } from '../text.ts'
import { type Explanation, sentence, stopped } from './explanation.ts'
import { checkedOnceText, DRY_RUN_DONE } from './reasons.ts'
import type { StepCode, StepProblems } from './step-problem.ts'

export const STEP_EXPLANATIONS: { readonly [C in StepCode]: Explanation<StepProblems[C]> } = {
  input: {
    title: 'Input error',
    happened: ({ problems }) => problems.join('\n'),
    cause:
      'inputs, environment variables or the policy file are wrong or contradict each other; nothing was sent',
    obvious: true,
    fix: 'correct every problem in the list: all of them are named at once'
  },
  'policy-unreadable': {
    title: 'ServiceNow policy: not readable',
    happened: ({ repository, path, commit, reasons }) =>
      `The policy of commit ${commit} (${repository}/${path}) could not be read, and a policy that cannot be read is not taken for none.\n${reasons.map(stopped).join('\n')}`,
    cause:
      "the job's token may not read the repository, GitHub cannot be reached from the runner, or there is no token, and the workspace has no checkout of the commit of the run",
    fix: 'give the job the permission contents: read (permissions: contents: read); where the runner cannot reach GitHub, check out the commit of the run with actions/checkout before this step',
    variants: {
      central: {
        cause: 'the token may not read the repository of the central policy, or its ref does not exist',
        fix: 'give `policy-token` a token with the permission contents: read for that repository, and see that the ref in `policy-file` exists'
      }
    },
    variant: ({ own }) => (own ? undefined : 'central')
  },
  'dry-run': {
    title: 'Change {number}: dry-run',
    happened: ({ outcome, why = '' }, number) =>
      [
        DRY_RUN_DONE,
        outcome === undefined
          ? 'The change would be created, and the deployment would wait for its approval.'
          : checkedOnceText(number, outcome, why)
      ].join('\n'),
    cause: 'the step is a dry run, and nothing may be deployed after a dry run',
    obvious: true,
    fix: 'leave `dry-run` out to deploy; to see what later steps would do, set `fail-when-not-approved: false` in wait-approval',
    variants: { 'not-created': { title: 'Change not created: dry-run' } },
    variant: ({ outcome }) => (outcome === undefined ? 'not-created' : undefined)
  },
  'connection-check': {
    title: 'ServiceNow connection: {checks}',
    happened: ({ rows }) =>
      rows.map(({ check, detail, fix }) => `${check}: ${stopped(detail)} Fix: ${stopped(fix)}`).join('\n'),
    cause: 'check-connection found rows that fail; their names follow the colon',
    obvious: true,
    fix: 'each failing row has its own fix, in the message, the log and the summary',
    values: ({ rows }) => ({ checks: rows.map(row => row.check).join(', ') })
  },
  'untrusted-creators': {
    title: 'ServiceNow changes: creators that are not trusted',
    happened: ({ creators }) =>
      [
        'Changes are bound to these repositories by their fields, and accounts created them that are not trusted. These changes were left out.',
        ...creators.slice(0, MAX_LISTED).map(({ creator, changes }) => `${creator}: ${changes}`),
        ...restOf(creators.length)
      ].join('\n'),
    cause:
      'this step signs in with another account than the steps that make the changes, or persons made changes that were given to a deployment by number; anybody who can write the field could also have forged it',
    fix: 'name every listed account that may make changes for these repositories in `trusted-accounts`; have the changes of the others looked at'
  },
  'audit-incomplete': {
    title: 'ServiceNow deployment audit: incomplete',
    happened: ({ unread, hidden }) =>
      [
        ...unread.slice(0, MAX_LISTED).map(({ repository, reason }) => `${repository}: ${stopped(reason)}`),
        ...restOf(unread.length),
        ...(hidden ? ['Some bound changes are hidden from the account.'] : [])
      ].join('\n'),
    cause:
      'the token may not read the deployments of a repository, GitHub limited the requests, or the account of ServiceNow may not read every change; the report has everything else',
    fix: 'give the job the permissions contents: read, deployments: read and actions: read; for other repositories give `github-token` the token of a GitHub App that is installed there; give the service account read access to change_request; run it again after a rate limit'
  },
  'audit-findings': {
    title: 'ServiceNow deployment audit: {findings}',
    happened: ({ counts }) => `The audit found: ${counts.map(one => `${one.count} ${one.code}`).join(', ')}.`,
    cause: 'deployments and changes differ in a way that `fail-on` lists',
    obvious: true,
    fix: 'read each line of the report, in the summary and in its files; a finding that is in order for you can be left out of `fail-on`',
    values: ({ counts }) => ({ findings: counts.map(one => one.code).join(', ') })
  },
  'resume-failed': {
    title: 'Deployments: not resumed',
    happened: ({ failed, creators }) =>
      [
        ...failed
          .slice(0, MAX_LISTED)
          .map(({ what, reason, fix }) => `${what}: ${stopped(reason)} Fix: ${stopped(fix)}`),
        ...restOf(failed.length),
        ...(creators.length === 0
          ? []
          : [
              `Changes of creators that are not trusted were left out: ${creators.map(one => one.creator).join(', ')}.`
            ])
      ].join('\n'),
    cause:
      'a deployment was due, and the token may not let it go, the App owns no rule of its environment, or an input names a job or workflow that is not there; the others were carried out',
    obvious: true,
    fix: 'each line has its own fix, in the message and in the log'
  },
  'preview-not-posted': {
    title: 'Change preview: not posted',
    happened: ({ where, reason }) =>
      `The ${where} could not be written: ${stopped(reason)} The preview is in the summary of the job.`,
    cause:
      "the job's token may not comment on the pull request, the conversation is locked, or GitHub does not respond",
    fix: 'give the job the permission pull-requests: write (permissions: pull-requests: write), or set `comment: false` to have the preview in the summary and, with checks: write, in a check run; run the job again when GitHub did not respond'
  },
  'sandbox-start': {
    title: 'ServiceNow sandbox: not started',
    happened: ({ reason }) => sentence(oneLine(reason, MAX_REASON)),
    cause: 'another program listens on the port, or the state file is not one of this release',
    fix: 'leave `port` out to take a free one, give another `state-file`, or do what the message says'
  },
  'not-finished': {
    title: 'Change after the deployment: not finished',
    happened: ({ seconds }) => `Not finished within ${seconds} s.`,
    cause: 'the post step of the gate could not finish the change; the result of the job is left alone',
    obvious: true,
    fix: 'do what the message says under "Manual action required"'
  },
  'other-release': {
    title: 'Change after the deployment: not finished',
    happened: () =>
      'The gate was started by another release of this action, so its change cannot be finished here.',
    cause: 'the action was updated while the job ran',
    obvious: true,
    fix: 'do what the message says under "Manual action required"'
  },
  'state-unreadable': {
    title: 'Change after the deployment: not finished',
    happened: () =>
      'What the gate saved for the end of the job cannot be read, so its change was not finished.',
    cause: 'another release of this action, or another step of the job, wrote it',
    fix: "read the change's number in the log of the gate; if it is still in Implement, close it in ServiceNow with the close code that is true"
  },
  'post-defect': {
    title: 'Change after the deployment: not finished',
    happened: ({ message }) => sentence(message),
    cause: 'a defect of the action; the result of the job is left alone',
    fix: 'do what the message says under "Manual action required", and report the message to the maintainers of the action'
  }
}

/** Characters of what a process printed. */
const MAX_REASON = 500

/** Accounts or repositories that a message lists. */
const MAX_LISTED = 20

function restOf(count: number): string[] {
  return count > MAX_LISTED ? [`and ${count - MAX_LISTED} more`] : []
}
