import { ACCOUNTS, type RequestRecord } from '@change-actions/sandbox'
import type { Instance } from '../instance/instance.ts'
import { type ActionName, BenchJob } from './step.ts'

export const APIS = ['change-management', 'table'] as const
export type Api = (typeof APIS)[number]

/** OAuth asks for a token in each step; Basic asks for nothing. */
export const SIGN_INS = ['Basic', 'OAuth'] as const
export type SignIn = (typeof SIGN_INS)[number]

export interface StepCount {
  readonly action: ActionName
  readonly requests: readonly RequestRecord[]
}

/** The account of the actions. */
export const ACCOUNT = ACCOUNTS.find(one => one.userName === 'gha.deployer') ?? { userName: '', password: '' }

/** Runs the steps of a job one after the other and records the requests of each. */
export class RequestCounter {
  readonly steps: StepCount[] = []
  readonly job: BenchJob
  readonly #instance: Instance
  #counted = 0

  constructor(instance: Instance, api: Api, signIn: SignIn = 'OAuth') {
    this.#instance = instance
    this.job = new BenchJob(instance.url, { SERVICENOW_API: api, ...(signIn === 'Basic' && BASIC) })
  }

  async run(action: ActionName, inputs: Readonly<Record<string, string>>, env = {}): Promise<StepCount> {
    await this.job.runSuccessfully(action, inputs, env)
    const all = await this.#instance.call('requests')
    const step = { action, requests: all.slice(this.#counted) }
    this.#counted = all.length
    this.steps.push(step)
    return step
  }
}

const BASIC = {
  SERVICENOW_CLIENT_ID: '',
  SERVICENOW_CLIENT_SECRET: '',
  SERVICENOW_USERNAME: ACCOUNT.userName,
  SERVICENOW_PASSWORD: ACCOUNT.password
}

/** Whether a request asks for a token. */
export function isSignIn({ path }: Pick<RequestRecord, 'path'>): boolean {
  return path.endsWith('/oauth_token.do')
}
