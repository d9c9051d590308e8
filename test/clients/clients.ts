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
  ])
]
