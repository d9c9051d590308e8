/** Runs that get no secrets: there is nothing to preview with, and nothing is wrong. */
import { fieldsOf, type GivenText, type NothingToDo, type StepTools } from '@change-actions/github-actions'
import { inputs } from './inputs.ts'
import { pullRequestOf } from './pull-request.ts'

const WHY = {
  fork: 'the pull request is from a fork',
  dependabot: 'the pull request is from Dependabot'
} as const

/** Says so, and ends the step, where GitHub has kept the credentials back; undefined where they are given. */
export function withoutSecrets(given: GivenText<typeof inputs>, tools: StepTools): NothingToDo | undefined {
  const { restricted } = pullRequestOf(tools.runtime) ?? {}
  if (restricted === undefined || hasCredentials(given, tools)) return undefined
  return {
    done() {
      const text = `No preview: ${WHY[restricted]}, and GitHub gives its runs no secrets to sign in to ServiceNow with.`
      tools.log.notice(text)
      tools.summary.heading('Change preview')
      tools.summary.line(text)
    }
  }
}

function hasCredentials(given: GivenText<typeof inputs>, { env }: StepTools): boolean {
  const secrets = fieldsOf(inputs).filter(({ meta }) => meta.group !== undefined && meta.secret)
  return secrets.some(({ key, meta }) => {
    const input = given(key as keyof typeof inputs)
    return input !== undefined || (meta.env !== undefined && (env[meta.env]?.trim() ?? '') !== '')
  })
}
