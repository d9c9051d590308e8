/**
 * GitHub's own parser, in a process of its own: its modules import JSON without attributes, which Node refuses and
 * Jest cannot be told to allow. Reads `{ files, reusable }` from standard input, writes the errors of each file.
 */
import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { json } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { ParserRequest } from './workflow-parser.ts'

registerHooks({
  load(url, context, next) {
    if (!url.endsWith('.json')) return next(url, context)
    const source = `export default ${readFileSync(fileURLToPath(url), 'utf8')}`
    return { format: 'module', source, shortCircuit: true }
  }
})

const { parseWorkflow, convertWorkflowTemplate, NoOperationTraceWriter } = await import(
  '@actions/workflow-parser'
)
const { parseAction } = await import('@actions/workflow-parser/actions/action-parser')
const { convertActionTemplate } = await import('@actions/workflow-parser/actions/action-template')

const { files, reusable } = (await json(process.stdin)) as ParserRequest

/** Only our own workflows are reusable; the parser compares inputs, secrets and outputs with the call. */
const provider = {
  getFileContent: async (reference: object) => {
    const path = 'path' in reference ? String(reference.path) : ''
    const content = reusable[path]
    if (content === undefined) throw new Error(`there is no ${path}`)
    return { name: path, content }
  }
}

const errors = []
for (const file of files) {
  const parsed = (file.kind === 'action' ? parseAction : parseWorkflow)(file, new NoOperationTraceWriter())
  if (parsed.value !== undefined && file.kind === 'action') {
    convertActionTemplate(parsed.context, parsed.value)
  } else if (parsed.value !== undefined) {
    await convertWorkflowTemplate(parsed.context, parsed.value, provider, { fetchReusableWorkflowDepth: 1 })
  }
  errors.push([...new Set(parsed.context.errors.getErrors().map(error => error.message))])
}
process.stdout.write(JSON.stringify(errors))
