/** The deployment itself: this repository is packed, unpacked into a "production" folder, and checked there. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { lstatSync, mkdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/**
 * @param {string} repository
 * @param {string[]} args
 */
export function git(repository, ...args) {
  return execFileSync('git', ['-C', repository, ...args], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
}

/**
 * What is about to be deployed, in words: the attachment the approver sees.
 *
 * @param {string} repository
 */
export function deploymentPlan(repository) {
  const log = git(repository, 'log', '--no-decorate', '--format=- %h %s', '-20')
  const files = git(repository, 'ls-files').split('\n').filter(Boolean).length
  return `# Deployment plan\n\nCommit ${git(repository, 'rev-parse', 'HEAD').trim()}, ${files} files.\n\n## Last changes\n\n${log}`
}

/**
 * Packs every file that git tracks and unpacks it into production. `git archive` would leave out what
 * .gitattributes keeps from users of the actions.
 *
 * @param {string} repository
 * @param {string} archive
 * @param {string} production
 */
export function deploy(repository, archive, production) {
  const staging = `${archive}.files`
  git(repository, 'checkout-index', '--all', `--prefix=${staging}/`)
  execFileSync('tar', ['-cf', archive, '-C', staging, '.'])
  rmSync(staging, { recursive: true })
  mkdirSync(production, { recursive: true })
  execFileSync('tar', ['-xf', archive, '-C', production])
}

/**
 * Checks every deployed file against what git tracks, by content.
 *
 * @param {string} repository
 * @param {string} production
 * @returns {{ file: string, fault: string | undefined }[]}
 */
export function checkDeployment(repository, production) {
  const tracked = git(repository, 'ls-files', '--stage', '-z').split('\0').filter(Boolean)
  return tracked.map(line => {
    const [about = '', file = ''] = line.split('\t')
    const [, wanted = ''] = about.split(' ')
    return { file, fault: faultOf(join(production, file), wanted) }
  })
}

/**
 * @param {string} path
 * @param {string} wanted the object id git has for the file
 */
function faultOf(path, wanted) {
  const stat = lstatSync(path, { throwIfNoEntry: false })
  if (stat === undefined) return 'missing in production'
  const content = stat.isSymbolicLink() ? Buffer.from(readlinkSync(path)) : readFileSync(path)
  const hash = createHash(wanted.length === 64 ? 'sha256' : 'sha1')
    .update(`blob ${content.length}\0`)
    .update(content)
  return hash.digest('hex') === wanted ? undefined : 'differs from what git tracks'
}

/**
 * A JUnit report of the check, one test case a file.
 *
 * @param {string} path
 * @param {{ file: string, fault: string | undefined }[]} checks
 */
export function writeReport(path, checks) {
  const failures = checks.filter(check => check.fault !== undefined).length
  const cases = checks.map(({ file, fault }) => {
    const head = `  <testcase classname="${xml(dirname(file))}" name="${xml(basename(file))}"`
    return fault === undefined ? `${head}/>` : `${head}><failure message="${xml(fault)}"/></testcase>`
  })
  const open = `<testsuite name="deployed files" tests="${checks.length}" failures="${failures}" errors="0" skipped="0">`
  writeFileSync(path, `<?xml version="1.0" encoding="UTF-8"?>\n${open}\n${cases.join('\n')}\n</testsuite>\n`)
}

/** @param {string} text */
function xml(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}

/** @param {string} file */
export function sha256(file) {
  return createHash('sha256').update(readFileSync(file)).digest('hex')
}
