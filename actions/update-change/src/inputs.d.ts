import { type StateName } from '@change-actions/change-control'
import { type Env, type Values } from '@change-actions/github-actions'
export declare const BY_JOB_STATUS = 'by-job-status'
export type Target = StateName | typeof BY_JOB_STATUS
export declare const inputs: {
  readonly changeSysId: import('@change-actions/github-actions').Input<string | undefined>
  readonly changeNumber: import('@change-actions/github-actions').Input<string | undefined>
  readonly instance: import('@change-actions/github-actions').Input<string | undefined>
  readonly clientId: import('@change-actions/github-actions').Input<string | undefined>
  readonly clientSecret: import('@change-actions/github-actions').Input<string | undefined>
  readonly username: import('@change-actions/github-actions').Input<string | undefined>
  readonly password: import('@change-actions/github-actions').Input<string | undefined>
  readonly token: import('@change-actions/github-actions').Input<string | undefined>
  readonly apiKey: import('@change-actions/github-actions').Input<string | undefined>
  readonly clientCertificate: import('@change-actions/github-actions').Input<string | undefined>
  readonly clientKey: import('@change-actions/github-actions').Input<string | undefined>
  readonly clientKeyPassphrase: import('@change-actions/github-actions').Input<string | undefined>
  readonly caCertificate: import('@change-actions/github-actions').Input<string | undefined>
  readonly api: import('@change-actions/github-actions').Input<'change-management' | 'table'>
  readonly requestTimeout: import('@change-actions/github-actions').Input<number>
  readonly maxRetries: import('@change-actions/github-actions').Input<number>
  readonly dryRun: import('@change-actions/github-actions').Input<boolean>
  readonly commit: import('@change-actions/github-actions').Input<string | undefined>
  readonly correlationId: import('@change-actions/github-actions').Input<string | undefined>
  readonly ifNotFound: import('@change-actions/github-actions').Input<'error' | 'ignore'>
  readonly state: import('@change-actions/github-actions').Input<Target | undefined>
  readonly workNotes: import('@change-actions/github-actions').Input<string | undefined>
  readonly comments: import('@change-actions/github-actions').Input<string | undefined>
  readonly closeCode: import('@change-actions/github-actions').Input<string | undefined>
  readonly closeNotes: import('@change-actions/github-actions').Input<string | undefined>
  readonly onHold: import('@change-actions/github-actions').Input<'false' | 'true' | undefined>
  readonly onHoldReason: import('@change-actions/github-actions').Input<string | undefined>
  readonly fields: import('@change-actions/github-actions').Input<Record<string, unknown> | undefined>
  readonly changeTasks: import('@change-actions/github-actions').Input<'close' | 'fail' | 'leave'>
  readonly jobStatus: import('@change-actions/github-actions').Input<string | undefined>
  readonly ownJobStatus: import('@change-actions/github-actions').Input<string | undefined>
}
export type UpdateInputs = Values<typeof inputs>
export declare function rules(values: Partial<UpdateInputs>, env: Env): string[]
