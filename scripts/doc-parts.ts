/** The generated parts of the documentation, by file and by the name of the marked place. */
import { ACTIONS, inputTable, outputTable, ownInputs, readManifest, sharedInputs } from './action-docs.ts'
import { endpointTables } from './endpoints.ts'
import { troubleshooting } from './troubleshooting.ts'

export interface DocPart {
  readonly file: string
  readonly place: string
  readonly text: string
}

export function generatedParts(): DocPart[] {
  const connection = inputTable(sharedInputs(readManifest('create-change')))
  return [
    { file: 'docs/connection.md', place: 'connection', text: connection },
    { file: 'docs/security.md', place: 'endpoints', text: endpointTables() },
    { file: 'docs/troubleshooting.md', place: 'titles', text: troubleshooting() },
    ...ACTIONS.flatMap(action => {
      const manifest = readManifest(action)
      const file = `actions/${action}/README.md`
      return [
        { file, place: 'inputs', text: inputTable(ownInputs(manifest)) },
        { file, place: 'outputs', text: outputTable(manifest.outputs) }
      ]
    })
  ]
}

/** Puts a text between `<!-- place -->` and `<!-- /place -->`. @throws Error when the marks are missing */
export function replacePart(content: string, place: string, text: string): string {
  const [open, close] = [`<!-- ${place} -->`, `<!-- /${place} -->`]
  const [from, to] = [content.indexOf(open), content.indexOf(close)]
  if (from < 0 || to < from) throw new Error(`the marks ${open} … ${close} are missing`)
  return `${content.slice(0, from + open.length)}\n${text}\n${content.slice(to)}`
}
