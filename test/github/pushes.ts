/** Branches and files written over the API, and the runs that such a push starts. */
import { posix } from 'node:path'
import type { ApiResponse, Call, Handler } from './call.ts'
import { commitTo } from './commits.ts'
import { entryView, refView } from './contents.ts'
import { invalid, notFound } from './refusal.ts'
import { createRun } from './runs.ts'
import type { Commit } from './state.ts'
import { readWorkflow, registerWorkflow, workflowsAt } from './workflows.ts'

const HEADS = 'refs/heads/'

function createRef(call: Call): ApiResponse {
  const { repository } = call
  const { ref, sha } = call.body as { readonly ref: string; readonly sha: string }
  if (!ref.startsWith(HEADS)) throw invalid('Only branches can be created here.')
  const name = ref.slice(HEADS.length)
  if (repository.branches.has(name)) throw invalid('Reference already exists')
  const commit = repository.commits.get(sha)
  if (commit === undefined) throw invalid('Object does not exist')
  repository.branches.set(name, sha)
  startPushed(call, name, commit)
  return { status: 201, body: refView(call, ref, sha) }
}

function deleteRef(call: Call): ApiResponse {
  const name = call.param('ref').replace(/^heads\//, '')
  if (!call.repository.branches.delete(name)) throw invalid('Reference does not exist')
  return { status: 204 }
}

function putFile(call: Call): ApiResponse {
  const { repository, world } = call
  const path = call.param('path')
  const { message, content, branch = repository.defaultBranch } = call.body as Record<string, string>
  if (!repository.branches.has(branch)) throw notFound()
  const text = Buffer.from(content ?? '', 'base64').toString('utf8')
  const author = call.actor
  const commit = commitTo(world, repository, {
    message: message ?? '',
    author,
    branch,
    files: { [path]: text }
  })
  startPushed(call, branch, commit)
  return {
    status: 201,
    body: { content: entryView(call, path, text), commit: { sha: commit.sha, message: commit.message } }
  }
}

/** Every workflow at the commit that listens for pushes to the branch; `paths` is not imitated. */
function startPushed(call: Call, branch: string, commit: Commit): void {
  const { world, repository, actor } = call
  for (const [path, text] of workflowsAt(commit)) {
    const { events } = readWorkflow(path, text)
    if (!events.has('push') || !isListening(events.get('push'), branch)) continue
    const workflow = registerWorkflow(world, repository, path)
    createRun(world, repository, {
      workflow,
      text,
      event: 'push',
      ref: `${HEADS}${branch}`,
      sha: commit.sha,
      actor
    })
  }
}

function isListening(push: unknown, branch: string): boolean {
  const { branches } = (push ?? {}) as { readonly branches?: readonly string[] }
  return branches === undefined || branches.some(pattern => posix.matchesGlob(branch, pattern))
}

export const pushHandlers: Readonly<Record<string, Handler>> = {
  'git/create-ref': createRef,
  'git/delete-ref': deleteRef,
  'repos/create-or-update-file-contents': putFile
}
