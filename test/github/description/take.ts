/**
 * Writes the part of GitHub's descriptions that the tests need: `node test/github/description/take.ts`.
 * The packages are downloaded with npm into a temporary folder: unpacked they are 394 MB, too much to install.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { graphqlSubsetOf } from './graphql-subset.ts'
import { GRAPHQL_TYPES, OPERATIONS, SCHEMAS, SOURCES } from './operations.ts'
import { type Description, linesOf, subsetOf } from './subset.ts'

interface Source {
  readonly name: string
  readonly version: string
  readonly file: string
}

/** The wanted file of a package, and its licence. */
function download({ name, version, file }: Source, folder: string): { text: string; license: string } {
  const args = ['pack', `${name}@${version}`, '--silent', '--pack-destination', folder]
  const archive = execFileSync('npm', args, { encoding: 'utf8' }).trim()
  execFileSync('tar', ['-xzf', join(folder, archive), '-C', folder])
  const read = (path: string) => readFileSync(join(folder, 'package', path), 'utf8')
  const { license } = JSON.parse(read('package.json')) as { license: string }
  const notice = name === SOURCES.rest.name ? 'LICENSE' : 'LICENSE.md'
  return { text: read(file), license: `${license}\n${read(notice).trim()}` }
}

function write(name: string, text: string): void {
  writeFileSync(join(import.meta.dirname, name), text)
  console.log(`${name}: ${Math.ceil(text.length / 1024)} KiB`)
}

/**
 * Three places where the description is wrong. The list of installations demands of each account that it be a user and
 * an enterprise at once; the schema of one installation says: either. And the states of a deployment lack `waiting`,
 * which a deployment has while its job waits at an environment, and an environment lacks `can_admins_bypass`, which
 * GitHub sends (not documented, reported).
 */
function correct({ paths, components }: Pick<Description, 'paths' | 'components'>): void {
  const list = paths['/app/installations']?.get as {
    responses: { 200: { content: Record<string, { schema: object }> } }
  }
  const json = list.responses[200].content['application/json'] as { schema: object }
  json.schema = { type: 'array', items: { $ref: '#/components/schemas/installation' } }
  const status = components.schemas?.['deployment-status'] as { properties: { state: { enum: string[] } } }
  status.properties.state.enum.push('waiting')
  const environment = components.schemas?.environment as { properties: Record<string, object> }
  environment.properties.can_admins_bypass = { type: 'boolean' }
}

function takeRest(folder: string): void {
  const { text, license } = download(SOURCES.rest, folder)
  const source = JSON.parse(text) as Description
  const { paths, components } = subsetOf(source, OPERATIONS, SCHEMAS)
  correct({ paths, components })
  const origin = `${SOURCES.rest.name} ${SOURCES.rest.version}, ${SOURCES.rest.file}: a subset without texts and examples`
  const info = {
    title: 'GitHub REST API, a subset',
    version: SOURCES.rest.version,
    'x-origin': origin,
    'x-license': license
  }
  write('rest.json', `${linesOf({ openapi: source.openapi, info, paths, components } as never)}\n`)
  const kinds = Object.entries(components).map(([kind, all]) => `${Object.keys(all).length} ${kind}`)
  console.log(`  ${OPERATIONS.length} operations, ${Object.keys(paths).length} paths, ${kinds.join(', ')}`)
}

function takeGraphql(folder: string): void {
  const { text, license } = download(SOURCES.graphql, folder)
  const { sdl, leftOut } = graphqlSubsetOf(text, GRAPHQL_TYPES)
  const origin = `${SOURCES.graphql.name} ${SOURCES.graphql.version}, ${SOURCES.graphql.file}: a subset without texts`
  const notice = `# ${origin}\n#\n${license.replace(/^/gm, '# ').replace(/ +$/gm, '')}\n\n`
  write('schema.graphql', notice + sdl)
  const lines = Object.entries(leftOut).map(([type, fields]) => `  "${type}": ${JSON.stringify(fields)}`)
  write('schema-left-out.json', `{\n${lines.join(',\n')}\n}\n`)
  console.log(`  ${sdl.trim().split('\n').length} types`)
}

for (const take of [takeRest, takeGraphql]) {
  const folder = mkdtempSync(join(tmpdir(), 'github-description-'))
  try {
    take(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
