/**
 * The release checks of release.yml. It needs no installed packages.
 *
 *   node scripts/release.ts check v1.2.3     prints the facts of the release, or exits 1 with the reasons against it
 *   node scripts/release.ts notes v1.2.3     prints the section of CHANGELOG.md
 *   node scripts/release.ts pin v1.2.3       has the reusable workflows use our actions at the current commit
 *   node scripts/release.ts check-pins v1.2.3  exits 1 unless they use our actions as they are in this tree
 *   node scripts/release.ts check-sbom FILE  exit 1 when a package of the bundles is missing in the SBOM
 */
import { execFileSync } from 'node:child_process'
import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readContents } from './bundle-contents.ts'
import {
  changelogSection,
  isLatest,
  missingFromSbom,
  movingTags,
  problemsOf,
  versionOf
} from './release-facts.ts'
import { pinActions, pinProblems } from './release-pins.ts'

const ROOT = join(import.meta.dirname, '..')

const COMMANDS: Readonly<Record<string, (argument: string) => void>> = {
  check: checkRelease,
  notes: printNotes,
  pin: pinWorkflows,
  'check-pins': checkPins,
  'check-sbom': checkSbom
}

const [command = '', argument = ''] = process.argv.slice(2)
const run = COMMANDS[command]
if (run === undefined || argument === '')
  fail([`Usage: release.ts ${Object.keys(COMMANDS).join('|')} ARGUMENT`])
else run(argument)

function checkRelease(tag: string): void {
  const problems = problemsOf(tag, versions(), read('CHANGELOG.md'))
  const version = versionOf(tag)
  if (problems.length > 0 || version === undefined) {
    fail(problems)
    return
  }
  const tags = git('tag', '--list', 'v*').split('\n')
  report({
    commit: git('rev-parse', 'HEAD'),
    prerelease: String(version.prerelease),
    latest: String(isLatest(version, tags)),
    'moving-tags': movingTags(version, tags).join(' ')
  })
}

function printNotes(tag: string): void {
  const section = changelogSection(read('CHANGELOG.md'), tag.replace(/^v/, ''))
  if (section === undefined) fail([`CHANGELOG.md has no section for ${tag}.`])
  else console.log(section.text)
}

function pinWorkflows(tag: string): void {
  if (git('status', '--porcelain') !== '') {
    fail(['There are changes that are not committed.'])
    return
  }
  const commit = git('rev-parse', 'HEAD')
  for (const [file, text] of Object.entries(reusableWorkflows()))
    writeFileSync(join(ROOT, file), pinActions(text, commit, tag))
}

function checkPins(_tag: string): void {
  fail(pinProblems(reusableWorkflows(), changedSince))
}

/** Content by file, of those that other repositories may call. */
function reusableWorkflows(): Record<string, string> {
  const files = readdirSync(join(ROOT, '.github/workflows')).map(name => `.github/workflows/${name}`)
  const all = files.map(file => [file, read(file)] as const)
  return Object.fromEntries(all.filter(([, text]) => /^ {2}workflow_call:/m.test(text)))
}

function changedSince(commit: string): string[] | undefined {
  try {
    git('merge-base', '--is-ancestor', commit, 'HEAD')
    return git('diff', '--name-only', commit, 'HEAD')
      .split('\n')
      .filter(file => file !== '')
  } catch {
    return undefined
  }
}

function checkSbom(file: string): void {
  const bundled = Object.values(readContents(ROOT)).flat()
  const missing = missingFromSbom(JSON.parse(readFileSync(file, 'utf8')), bundled)
  if (missing.length > 0) fail([`Missing in the SBOM: ${missing.join(', ')}.`])
}

/** The version in every manifest, by file. npm does not check that they are the same. */
function versions(): Record<string, string | undefined> {
  const packages = readdirSync(join(ROOT, 'packages')).map(name => `packages/${name}/package.json`)
  const files = ['package.json', 'package-lock.json', 'actions/package.json', ...packages]
  return Object.fromEntries(files.map(file => [file, manifest(file).version]))
}

function manifest(file: string): { version?: string } {
  return JSON.parse(read(file))
}

function read(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8')
}

function git(...args: string[]): string {
  return execFileSync('git', ['-C', ROOT, ...args], { encoding: 'utf8' }).trim()
}

/** Writes the facts to the log, and to the outputs of the step. */
function report(facts: Readonly<Record<string, string>>): void {
  const lines = Object.entries(facts).map(([name, value]) => `${name}=${value}\n`)
  process.stdout.write(lines.join(''))
  const { GITHUB_OUTPUT } = process.env
  if (GITHUB_OUTPUT !== undefined) appendFileSync(GITHUB_OUTPUT, lines.join(''))
}

function fail(problems: readonly string[]): void {
  for (const problem of problems) console.error(process.env.GITHUB_ACTIONS ? `::error::${problem}` : problem)
  if (problems.length > 0) process.exitCode = 1
}
