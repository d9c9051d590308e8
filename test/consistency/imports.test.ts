/** The import graph, held against the picture: each floor knows only the floors below it. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { ROOT } from '../../scripts/action-docs.ts'

/** What each package may import of the others; the floors below it, as the README draws them. */
const BELOW: Readonly<Record<string, readonly string[]>> = {
  'servicenow-client': [],
  'change-control': ['servicenow-client'],
  'change-operations': ['change-control', 'servicenow-client'],
  evidence: [],
  'github-api': [],
  telemetry: [],
  'github-actions': [
    'change-control',
    'change-operations',
    'evidence',
    'github-api',
    'servicenow-client',
    'telemetry'
  ],
  sandbox: []
}

/** Where a package needs less than it may have, the picture says more than the code: that is allowed. */
const ACTIONS = Object.keys(BELOW).filter(name => name !== 'sandbox')

/** Static imports and re-exports, which begin a line, and dynamic ones. */
const SPECIFIER =
  /^(?:import|export)\b(?:[^'"`;]*?\bfrom)? '([^']+)'|\bimport\(\s*(?:\/\*[^*]*\*\/\s*)?'([^']+)'\)/gm

interface Import {
  readonly file: string
  readonly target: string
}

/** Sources that are part of what is shipped: no tests, no test helpers. */
function sourcesOf(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .map(name => `${folder}/${name}`)
    .filter(name => /\/src\/.*\.ts$/.test(name) && !/\.test\.ts$|\/testing\/|-simulation\.ts$/.test(name))
}

function importsOf(folder: string): Import[] {
  return sourcesOf(folder).flatMap(file => {
    const text = readFileSync(join(ROOT, file), 'utf8')
    return specifiersIn(text).map(target => ({ file, target }))
  })
}

function specifiersIn(text: string): string[] {
  return [...text.matchAll(SPECIFIER)].map(([, fixed, loaded]) => fixed ?? loaded ?? '')
}

const packages = readdirSync(join(ROOT, 'packages')).sort()

describe('the packages', () => {
  it('are those of the picture', () => {
    expect(packages).toEqual(Object.keys(BELOW).sort())
  })

  it.each(packages)('%s imports only what stands below it', name => {
    const wrong = importsOf(`packages/${name}`).filter(({ target }) => {
      const [, other] = /^@change-actions\/([a-z-]+)/.exec(target) ?? []
      return other !== undefined && !BELOW[name]?.includes(other)
    })
    expect(wrong).toEqual([])
  })

  it.each(packages)('%s reaches no other package by a path', name => {
    const outside = importsOf(`packages/${name}`).filter(({ file, target }) => {
      if (!target.startsWith('.')) return false
      return !join(file, '..', target).startsWith(`packages/${name}/src/`)
    })
    expect(outside).toEqual([])
  })

  it.each(packages)('%s declares what it imports, and nothing else', name => {
    const manifest = JSON.parse(readFileSync(join(ROOT, 'packages', name, 'package.json'), 'utf8'))
    const imported = importsOf(`packages/${name}`)
      .map(({ target }) => target)
      .filter(target => !target.startsWith('.') && !target.startsWith('node:'))
      .map(target =>
        target
          .split('/')
          .slice(0, target.startsWith('@') ? 2 : 1)
          .join('/')
      )
    expect(Object.keys(manifest.dependencies ?? {}).sort()).toEqual([...new Set(imported)].sort())
  })

  it.each(packages)('%s has a TypeScript project that refers to those it imports', name => {
    const project = JSON.parse(readFileSync(join(ROOT, 'packages', name, 'tsconfig.json'), 'utf8'))
    const manifest = JSON.parse(readFileSync(join(ROOT, 'packages', name, 'package.json'), 'utf8'))
    const ours = Object.keys(manifest.dependencies ?? {}).filter(one => one.startsWith('@change-actions/'))
    expect(project.compilerOptions.composite).toBe(true)
    expect(project.references.map(({ path }: { path: string }) => path).sort()).toEqual(
      ours.map(one => one.replace('@change-actions/', '../')).sort()
    )
  })
})

describe('the actions', () => {
  const actions = readdirSync(join(ROOT, 'actions'), { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .map(entry => entry.name)

  it.each(actions)('%s imports no other action', name => {
    const outside = importsOf(`actions/${name}`).filter(
      ({ file, target }) =>
        target.startsWith('.') && !join(file, '..', target).startsWith(`actions/${name}/src/`)
    )
    expect(outside).toEqual([])
  })

  it.each(actions)('%s imports only packages of ours and Node', name => {
    const wrong = importsOf(`actions/${name}`).filter(({ target }) => {
      const [, other] = /^@change-actions\/([a-z-]+)/.exec(target) ?? []
      return !target.startsWith('.') && !target.startsWith('node:') && !ACTIONS.includes(other ?? '')
    })
    expect(wrong).toEqual([])
  })
})

describe('the files', () => {
  const graph = new Map(
    [...packages.map(name => `packages/${name}`), 'actions'].flatMap(folder =>
      sourcesOf(folder).map(file => [file, targetsOf(file)] as const)
    )
  )

  it('import each other in no circle', () => {
    expect(circlesIn(graph)).toEqual([])
  })
})

function targetsOf(file: string): string[] {
  return specifiersIn(readFileSync(join(ROOT, file), 'utf8')).flatMap(target =>
    target.startsWith('.') ? [join(file, '..', target)] : []
  )
}

/** The first way back to itself of each file that has one. */
function circlesIn(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>()
  const found: string[] = []
  const visit = (file: string, path: readonly string[]): void => {
    const at = path.indexOf(file)
    if (at >= 0) found.push([...path.slice(at), file].join(' → '))
    if (at >= 0 || done.has(file)) return
    for (const target of graph.get(file) ?? []) visit(target, [...path, file])
    done.add(file)
  }
  for (const file of graph.keys()) visit(file, [])
  return found
}
