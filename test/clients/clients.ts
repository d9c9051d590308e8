import versions from './versions.json' with { type: 'json' }

export type Language = 'python' | 'node' | 'go'

/** Somebody else's client of ServiceNow, and the scenarios that are run with it. */
export interface Client {
  /** Also its folder, and its key in versions.json. */
  readonly name: string
  readonly language: Language
  /** The files of its scenarios, each with an instance of its own. */
  readonly files: readonly string[]
  /** So many scenarios are promised. */
  readonly promised: number
  /** Package to version. */
  readonly packages: Readonly<Record<string, string>>
  /** Nothing else is installed: what the client declares beside is large, and its requests do without. */
  readonly complete?: true
}

function client(name: keyof typeof versions, language: Language, promised: number, files: string[]): Client {
  return { name, language, promised, files, packages: versions[name] }
}

export const CLIENTS: readonly Client[] = [
  client('pysnc', 'python', 40, [
    'queries.py',
    'operators.py',
    'writes.py',
    'attachments.py',
    'sign_in.py',
    'asynchronous.py'
  ]),
  { ...client('servicenow-api', 'python', 10, ['tables_and_changes.py']), complete: true },
  client('pysnow', 'python', 10, ['tables.py']),
  client('servicenow-rest-api', 'node', 10, ['scenarios.cjs']),
  client('go', 'go', 10, ['main.go'])
]
