/** Which commit is deployed, as the files of a checkout tell it; the checkouts are git's own. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { readRuntime } from '../step/runtime.ts'
import { checkoutProblems, observeCheckout, withDeployedCommit } from './deployed-commit.ts'

const RUN = '65dbbeda5ade1f0e3c7b9a4d8e2f6c1b0a9d8e7f'
const OTHER = 'f00dfacef00dfacef00dfacef00dfacef00dface'
let root: string
let workspace: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'checkout-'))
  workspace = join(root, 'work')
  mkdirSync(workspace)
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function git(...args: string[]): string {
  const identity = ['-c', 'user.name=Kim', '-c', 'user.email=kim@acme.example']
  const env = { PATH: process.env.PATH ?? '', HOME: root, GIT_CONFIG_NOSYSTEM: '1' }
  return execFileSync('git', ['-C', workspace, ...identity, ...args], { encoding: 'utf8', env }).trim()
}

/** A checkout with one commit. */
function checkOut(...options: string[]): string {
  git('init', '-q', '-b', 'main', ...options)
  git('commit', '-q', '--allow-empty', '-m', 'first')
  return git('rev-parse', 'HEAD')
}

const runtime = (env: Record<string, string> = {}) =>
  readRuntime({
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_REPOSITORY: 'acme/shop',
    GITHUB_SHA: RUN,
    GITHUB_WORKSPACE: workspace,
    ...env
  })
const observed = (source?: string) => observeCheckout(source, runtime())

describe('HEAD is read', () => {
  it('from a branch', () => {
    const commit = checkOut()
    expect(observed()).toEqual({ kind: 'observed', commit })
  })

  it('detached', () => {
    const commit = checkOut()
    git('checkout', '-q', '--detach')
    expect(observed()).toEqual({ kind: 'observed', commit })
  })

  it('from packed refs', () => {
    const commit = checkOut()
    git('tag', '-a', 'v1', '-m', 'v1')
    git('pack-refs', '--all')
    expect(observed()).toEqual({ kind: 'observed', commit })
  })

  it('from a loose ref before a packed one', () => {
    checkOut()
    git('pack-refs', '--all')
    git('commit', '-q', '--allow-empty', '-m', 'second')
    expect(observed()).toEqual({ kind: 'observed', commit: git('rev-parse', 'HEAD') })
  })

  it('from a linked worktree, where .git is a file', () => {
    const commit = checkOut()
    git('worktree', 'add', '-q', '-b', 'release', join(workspace, 'release'))
    git('pack-refs', '--all')
    expect(observed('release')).toEqual({ kind: 'observed', commit })
  })

  it('in a repository with SHA-256', () => {
    const commit = checkOut('--object-format=sha256')
    expect(commit).toHaveLength(64)
    expect(observed()).toEqual({ kind: 'observed', commit })
  })
})

describe('a checkout is not understood', () => {
  it.each([
    ['a ref that leads out of the repository', 'ref: refs/../../secret'],
    ['a reftable', 'ref: refs/heads/.invalid'],
    ['a branch without a commit', 'ref: refs/heads/none'],
    ['a ref to itself', 'ref: refs/heads/main'],
    ['a shortened id', '65dbbed'],
    ['nothing', '']
  ])('with %s in HEAD', (_, head) => {
    checkOut()
    writeFileSync(join(root, 'secret'), RUN)
    if (head.endsWith('main')) writeFileSync(join(workspace, '.git/refs/heads/main'), head)
    writeFileSync(join(workspace, '.git/HEAD'), head)
    expect(observed()).toEqual({ kind: 'unreadable' })
    expect(withDeployedCommit({}, runtime())).toMatchObject({ sha: RUN, commitBasis: 'unreadable' })
  })
})

describe('a checkout does not count', () => {
  it('where there is none', () => {
    expect(observed()).toEqual({ kind: 'none' })
    writeFileSync(join(workspace, '.git'), 'not a repository')
    expect(observed()).toEqual({ kind: 'none' })
  })

  it('when an earlier job left it, unless something was fetched since', () => {
    const commit = checkOut()
    const event = join(root, 'event.json')
    writeFileSync(event, '{}')
    const long = new Date(Date.now() - 60_000)
    utimesSync(join(workspace, '.git/HEAD'), long, long)
    const job = runtime({ GITHUB_EVENT_PATH: event })
    expect(observeCheckout(undefined, job)).toEqual({ kind: 'none' })
    const later = new Date(Date.now() + 60_000)
    writeFileSync(join(workspace, '.git/FETCH_HEAD'), '')
    utimesSync(join(workspace, '.git/FETCH_HEAD'), later, later)
    expect(observeCheckout(undefined, job)).toEqual({ kind: 'observed', commit })
    unlinkSync(event)
    unlinkSync(join(workspace, '.git/FETCH_HEAD'))
    expect(observeCheckout(undefined, job)).toEqual({ kind: 'observed', commit })
  })

  it.each([
    'https://github.com/acme/shop',
    'https://github.com/Acme/Shop.git',
    'https://x-access-token:abc@github.com/acme/shop/',
    'git@github.com:acme/shop.git',
    'ssh://git@github.com/acme/shop'
  ])('but one whose origin is %s does', url => {
    const commit = checkOut()
    git('remote', 'add', 'origin', url)
    expect(observed()).toEqual({ kind: 'observed', commit })
  })

  it.each([
    'https://github.com/acme/other',
    'https://github.com/acme/shop-two',
    'https://git.acme.example/acme/shop',
    'git@github.com:evil/shop.git',
    '/srv/git/acme/shop',
    'file:///srv/git/acme/shop'
  ])('when its origin is %s', url => {
    checkOut()
    git('remote', 'add', 'origin', url)
    expect(observed()).toEqual({ kind: 'none' })
  })

  it('with `source: none`', () => {
    checkOut()
    expect(observed('none')).toEqual({ kind: 'none' })
  })
})

describe('the commit that is deployed', () => {
  it('is what is checked out, also where the run is of another one', () => {
    const commit = checkOut()
    expect(withDeployedCommit({}, runtime())).toMatchObject({
      sha: commit,
      runSha: RUN,
      commitBasis: 'observed'
    })
  })

  it('is what `commit` says where nothing is checked out, and stated then', () => {
    const given = { commit: OTHER.toUpperCase() }
    expect(withDeployedCommit(given, runtime())).toMatchObject({ sha: OTHER, commitBasis: 'stated' })
    expect(withDeployedCommit({}, runtime())).toMatchObject({ sha: RUN, commitBasis: 'stated' })
  })

  it('is an error where `commit` says another one than what is checked out', () => {
    const commit = checkOut()
    expect(checkoutProblems({ commit: commit.toUpperCase() }, runtime())).toEqual([])
    expect(checkoutProblems({ commit: OTHER, source: 'none' }, runtime())).toEqual([])
    const [problem] = checkoutProblems({ commit: OTHER }, runtime())
    expect(problem).toContain(`\`commit\` is ${OTHER}`)
    expect(problem).toContain(`${commit} is checked out`)
  })

  it('needs a folder of the workspace as `source`', () => {
    mkdirSync(join(workspace, 'app'))
    expect(checkoutProblems({ source: 'app' }, runtime())).toEqual([])
    expect(checkoutProblems({ source: 'missing' }, runtime())[0]).toContain('there is no such folder')
    for (const source of ['..', '../elsewhere', '/etc'])
      expect(checkoutProblems({ source }, runtime())[0]).toContain('must be a folder of the workspace')
  })
})
