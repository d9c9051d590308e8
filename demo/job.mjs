/** The jobs of the demo: their steps are the bundled actions, each in a process of its own. */
import { writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { checkDeployment, commitPolicy, deploy, git, sha256, writeReport } from './deployment.mjs'
import { approveAsPerson, DEPLOYER, startInstance, tellWhereToApprove } from './instance.mjs'
import { heading, indented, printInputs } from './output.mjs'
import { jobEnv, runAction } from './runner.mjs'
import { displayedLine } from './workflow-commands.mjs'

/** @typedef {Awaited<ReturnType<typeof startInstance>>} Instance */

export class Job {
  /**
   * Starts a job with a sandbox of its own.
   *
   * @param {{ repository: string, root: string, runId: string, lifetimeSeconds: number, approveYourself: boolean }} options
   *   `root`: the workspace; `lifetimeSeconds`: until the sandbox stops by itself; `approveYourself`: the person at this
   *   machine approves, in a browser
   */
  static async start({ repository, root, runId, lifetimeSeconds, approveYourself }) {
    const args = ['--port', '0', '--stop-after', String(lifetimeSeconds)]
    const instance = await startInstance(join(repository, 'dist', 'sandbox', 'index.js'), args)
    return new Job(repository, root, runId, instance, approveYourself)
  }

  /**
   * @param {string} repository
   * @param {string} root
   * @param {string} runId
   * @param {Instance} instance
   * @param {boolean} approveYourself
   */
  constructor(repository, root, runId, instance, approveYourself) {
    this.repository = repository
    /** What is deployed: this repository, or a checkout of it. */
    this.source = repository
    this.root = root
    this.instance = instance
    this.approveYourself = approveYourself
    /** The change of this job, when it is known. */
    this.change = ''
    this.sha = git(repository, 'rev-parse', 'HEAD').trim()
    const env = connectionEnv(instance.url)
    /** @type {Record<string, string>} */
    this.env = { ...jobEnv({ root, workspace: root, sha: this.sha, env }), GITHUB_RUN_ID: runId }
  }

  /**
   * The workspace is a checkout with a policy in its commit, and that is what is deployed.
   *
   * @param {string} policy
   */
  addPolicy(policy) {
    this.sha = commitPolicy(this.repository, this.root, policy)
    this.source = this.root
    this.env.GITHUB_SHA = this.sha
  }

  /**
   * Runs an action and prints its log.
   *
   * @param {string} title
   * @param {string} action
   * @param {Record<string, string>} inputs
   * @param {Record<string, string>} [state] state that the main step saved: runs the post step
   * @throws {Error} when the step fails: it ends the demo, as it ends a job
   */
  async step(title, action, inputs, state) {
    heading(title)
    printInputs(inputs)
    const result = await runAction({
      main: join(this.repository, 'dist', action, state === undefined ? 'index.js' : 'post.js'),
      inputs,
      env: this.env,
      cwd: this.root,
      ...(state === undefined ? {} : { state }),
      onLine: line => {
        const displayed = displayedLine(line)
        if (displayed !== undefined && displayed !== '') indented(displayed)
      }
    })
    Object.assign(this.env, result.env)
    if (result.code !== 0) throw new Error(`${action} ended with exit code ${result.code}`)
    return result
  }

  /**
   * Runs a step that waits for approval. An approver approves the change meanwhile.
   *
   * @param {string} title
   * @param {string} action
   * @param {Record<string, string>} inputs
   */
  async stepWithApproval(title, action, inputs) {
    const ended = new AbortController()
    const { signal } = ended
    const { url } = this.instance
    const approver = this.approveYourself
      ? tellWhereToApprove(url, signal)
      : approveAsPerson(url, { thinkMs: 2_500, signal })
    try {
      return await this.step(title, action, inputs)
    } finally {
      ended.abort()
      await approver
    }
  }

  /**
   * Deploys and checks the deployment.
   *
   * @param {string} name prefix of the files that are written
   * @returns {{ files: string[], summary: string, faults: number }} `files`: the evidence
   */
  deployAndCheck(name) {
    heading('Deploy')
    const path = (/** @type {string} */ suffix) => join(this.root, `${name}${suffix}`)
    const [archive, production] = [path('.tar'), path('-production')]
    const [report, checksum] = [path('-deployed-files.xml'), path('.tar.sha256')]
    deploy(this.source, archive, production)
    const checks = checkDeployment(this.source, production)
    const faults = checks.filter(check => check.fault !== undefined).length
    writeReport(report, checks)
    writeFileSync(checksum, `${sha256(archive)}  ${basename(archive)}\n`)
    const summary = `Deployment finished: ${checks.length - faults} of ${checks.length} files verified in production.`
    indented(summary)
    return { files: [report, checksum], summary, faults }
  }
}

/**
 * The variables for the connection to an instance.
 *
 * @param {string} url
 */
export function connectionEnv(url) {
  return {
    SERVICENOW_INSTANCE: url,
    SERVICENOW_CLIENT_ID: DEPLOYER.id,
    SERVICENOW_CLIENT_SECRET: DEPLOYER.secret
  }
}
