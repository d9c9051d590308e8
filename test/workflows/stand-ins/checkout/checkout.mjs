import { execFileSync } from 'node:child_process'

const {
  STAND_IN_REPOSITORY: source = '',
  GITHUB_WORKSPACE: workspace = '',
  GITHUB_SHA: sha = ''
} = process.env
const ref = process.env.INPUT_REF || sha

/** @param {string[]} args */
const git = (...args) => execFileSync('git', ['-C', workspace, ...args], { encoding: 'utf8', stdio: 'pipe' })

/**
 * What the ref names, looked for as a branch, a tag and a commit.
 * @param {string} name
 */
function commitOf(name) {
  for (const candidate of [`refs/remotes/origin/${name}`, `refs/tags/${name}`, name]) {
    try {
      return git('rev-parse', '--verify', '--quiet', `${candidate}^{commit}`).trim()
    } catch {
      // The next one, then.
    }
  }
  console.log(`::error::There is no ${name} in the repository`)
  process.exit(1)
}

git('init', '--quiet')
git('fetch', '--quiet', source, '+refs/heads/*:refs/remotes/origin/*', '+refs/tags/*:refs/tags/*')
git('checkout', '--quiet', '--force', '--detach', commitOf(ref))
