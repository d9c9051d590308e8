/** Every combination of answers to the five questions of `init`, and the files that follow from each. */
import { type Answers, QUESTIONS } from '../../packages/sandbox/src/init/questions.ts'
import { policyText, workflowText } from '../../packages/sandbox/src/init/starter.ts'

/** What is given to each question: each kind of answer once, and names with characters that mean something in YAML. */
const GIVEN: Readonly<Record<keyof Answers, readonly string[]>> = {
  instance: ['acme', 'acme.service-now.com', 'https://change.acme.example:8443/'],
  signIn: ['oauth', 'basic', 'Basic'],
  environment: ['production', 'live "eu": #1', "prüfung's \\ &a *b"],
  assignmentGroup: ['DevOps Team', '- "A" & {B}: [c] # d', 'on'],
  template: ['', 'app-deployment-template', "it's: 100 % | > ? !"]
}

/** Answers, and what `init` writes for them. */
export interface Starter {
  /** The answers, to be read in the name of a test. */
  readonly name: string
  readonly answers: Answers
  readonly workflow: string
  readonly policy: string
}

/** @throws Error when `init` does not accept one of the answers */
export function starters(): Starter[] {
  return combinations(QUESTIONS.map(({ key }) => key)).map(answers => {
    for (const { key, refusal } of QUESTIONS) {
      const wrong = refusal(answers[key])
      if (wrong !== undefined) throw new Error(`init does not accept "${answers[key]}": ${wrong}`)
    }
    return {
      name: Object.values(answers).join(' · '),
      answers,
      workflow: workflowText(answers),
      policy: policyText(answers)
    }
  })
}

function combinations(keys: readonly (keyof Answers)[]): Answers[] {
  const all = keys.reduce<Record<string, string>[]>(
    (known, key) => known.flatMap(some => GIVEN[key].map(answer => ({ ...some, [key]: answer }))),
    [{}]
  )
  return all as unknown as Answers[]
}
