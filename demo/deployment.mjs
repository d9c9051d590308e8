/** The deployment of the demo: this repository is packed, unpacked into a "production" folder, and checked there. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { lstatSync, mkdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/**
 * The output of a git command.
 *
 * @param {string} repository
 * @param {string[]} args
 */
export function git(repository, ...args) {
  return execFileSync('git', ['-C', repository, ...args], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
}

/**
 * Makes the folder a checkout of a commit that adds the policy to the last one of the repository, and returns its id: the
 * gate reads its policy from the commit that is deployed.
 *
 * @param {string} repository
 * @param {string} folder
 * @param {string} policy
 */
export function commitPolicy(repository, folder, policy) {
  const parent = git(repository, 'rev-parse', 'HEAD').trim()
  const objects = git(repository, 'rev-parse', '--path-format=absolute', '--git-path', 'objects')
  git(folder, 'init', '--quiet')
  const own = (/** @type {string[]} */ ...args) =>
    git(folder, '-c', 'user.name=demo', '-c', 'user.email=demo@example.com', ...args).trim()
  writeFileSync(join(folder, '.git', 'objects', 'info', 'alternates'), objects)
  own('read-tree', parent)
  const path = '.github/servicenow-change.yml'
  const file = join(folder, '.git', 'policy.yml')
  writeFileSync(file, policy)
  own('update-index', '--add', '--cacheinfo', `100644,${own('hash-object', '-w', file)},${path}`)
  const commit = own('commit-tree', own('write-tree'), '-p', parent, '-m', 'Add a change policy')
  own('update-ref', 'HEAD', commit)
  return commit
}

/**
 * Markdown that describes the deployment, for the approver.
 *
 * @param {string} repository
 */
export function deploymentPlan(repository) {
  const log = git(repository, 'log', '--no-decorate', '--format=- %h %s', '-20')
  const files = git(repository, 'ls-files').split('\n').filter(Boolean).length
  return `# Deployment plan\n\nCommit ${git(repository, 'rev-parse', 'HEAD').trim()}, ${files} files.\n\n## Last changes\n\n${log}`
}

/**
 * Packs every tracked file and unpacks it into production. `git archive` would leave out the files with `export-ignore`
 * in .gitattributes.
 *
 * @param {string} repository
 * @param {string} archive path of the archive that is created
 * @param {string} production path of the folder
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
 * Compares the content of every deployed file with the tracked one.
 *
 * @param {string} repository
 * @param {string} production
 * @returns {{ file: string, fault: string | undefined }[]}
 */
export function checkDeployment(repository, production) {
  const tracked = git(repository, 'ls-files', '--stage', '-z').split('\0').filter(Boolean)
  return tracked.map(line => {
    const [attributes = '', file = ''] = line.split('\t')
    const [, objectId = ''] = attributes.split(' ')
    return { file, fault: faultOf(join(production, file), objectId) }
  })
}

/**
 * @param {string} path
 * @param {string} objectId git's object id of the file
 */
function faultOf(path, objectId) {
  const stat = lstatSync(path, { throwIfNoEntry: false })
  if (stat === undefined) return 'missing in production'
  const content = stat.isSymbolicLink() ? Buffer.from(readlinkSync(path)) : readFileSync(path)
  const hash = createHash(objectId.length === 64 ? 'sha256' : 'sha1')
    .update(`blob ${content.length}\0`)
    .update(content)
  return hash.digest('hex') === objectId ? undefined : 'differs from the tracked file'
}

/**
 * Writes a JUnit report of the check: one test case for each file.
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

/**
 * Escapes text for XML.
 *
 * @param {string} text
 */
function xml(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}

/**
 * The SHA-256 of a file, hexadecimal.
 *
 * @param {string} file
 */
export function sha256(file) {
  return createHash('sha256').update(readFileSync(file)).digest('hex')
}
