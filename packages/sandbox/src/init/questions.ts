/** The five questions of `init`, and what an answer may be. */

/** What is asked. An empty answer is the default. */
export interface Question {
  readonly key: keyof Answers
  readonly text: string
  readonly default: string
  /** Why an answer is refused; undefined when it is right. */
  refusal(answer: string): string | undefined
}

export interface Answers {
  /** A name (acme), a host, or an https address. */
  readonly instance: string
  readonly signIn: string
  /** The environment on GitHub that is deployed to. */
  readonly environment: string
  readonly assignmentGroup: string
  /** A standard change template; empty: a normal change, which people approve. */
  readonly template: string
}

export const SIGN_INS = ['oauth', 'basic'] as const

const HOST = /^(?:https:\/\/)?[a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?(?::\d{1,5})?\/?$/i

/** A name that stands in YAML, where GitHub would evaluate an expression. */
function nameRefusal(what: string, answer: string): string | undefined {
  if (answer === '') return `${what} is needed`
  if (/\p{Cc}|\$\{\{/u.test(answer)) return `${what} cannot hold control characters or \${{`
  return answer.length > 255 ? `${what} has at most 255 characters` : undefined
}

export const QUESTIONS: readonly Question[] = [
  {
    key: 'instance',
    text: 'Instance: a name (acme), a host (acme.service-now.com) or an https address',
    default: '',
    refusal: answer =>
      HOST.test(answer) ? undefined : 'give a name, a host or an https address without a path'
  },
  {
    key: 'signIn',
    text: 'Sign in by: oauth (client id and secret, recommended) or basic (user name and password)',
    default: 'oauth',
    refusal: answer =>
      SIGN_INS.some(one => one === answer.toLowerCase()) ? undefined : 'answer with oauth or basic'
  },
  {
    key: 'environment',
    text: 'Environment on GitHub that is deployed to',
    default: 'production',
    refusal: answer => nameRefusal('an environment', answer)
  },
  {
    key: 'assignmentGroup',
    text: 'Assignment group of the changes, as it is called in ServiceNow',
    default: '',
    refusal: answer => nameRefusal('a group', answer)
  },
  {
    key: 'template',
    text: 'Standard change template; empty: a normal change, which people approve',
    default: '',
    refusal: answer => (answer === '' ? undefined : nameRefusal('a template', answer))
  }
]
