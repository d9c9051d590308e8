/** The command `init`: asks five questions, and writes a starter workflow and policy. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { type Answers, QUESTIONS } from './questions.ts'
import { nextSteps, POLICY_FILE, policyText, WORKFLOW_FILE, workflowText } from './starter.ts'

/** Where the command runs. */
export interface InitPlace {
  /** The root of the repository. */
  readonly folder: string
  readonly input: Readable
  print(text: string): void
}

/**
 * @throws Error when a file exists, or there are fewer answers than questions: nothing is written then
 */
export async function init({ folder, input, print }: InitPlace): Promise<void> {
  refuseExisting(folder)
  const answers = await ask(input, print)
  const files = { [WORKFLOW_FILE]: workflowText(answers), [POLICY_FILE]: policyText(answers) }
  // Somebody else may have written one meanwhile.
  refuseExisting(folder)
  for (const [file, text] of Object.entries(files)) {
    const path = join(folder, file)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text, { flag: 'wx' })
    print(`Wrote ${file}\n`)
  }
  print(nextSteps(answers))
}

function refuseExisting(folder: string): void {
  const existing = [WORKFLOW_FILE, POLICY_FILE].filter(file => existsSync(join(folder, file)))
  if (existing.length === 0) return
  throw new Error(
    `${existing.join(' and ')} ${existing.length === 1 ? 'exists' : 'exist'}, and nothing was written. Fix: move it away, or run init in another folder.`
  )
}

async function ask(input: Readable, print: (text: string) => void): Promise<Answers> {
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })
  const given = lines[Symbol.asyncIterator]()
  const answers: Record<string, string> = {}
  try {
    for (const { key, text, default: fallback, refusal } of QUESTIONS) {
      while (answers[key] === undefined) {
        print(`${text}${fallback === '' ? '' : ` [${fallback}]`}: `)
        const { value, done } = await given.next()
        if (done)
          throw new Error('init asks five questions, and the input ended before. Nothing was written.')
        const answer = value.trim() || fallback
        const wrong = refusal(answer)
        if (wrong === undefined) answers[key] = answer
        else print(`Not accepted: ${wrong}.\n`)
      }
    }
  } finally {
    lines.close()
  }
  return answers as unknown as Answers
}
