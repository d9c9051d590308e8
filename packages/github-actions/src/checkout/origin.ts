import { join } from 'node:path'
import type { Runtime } from '../step/runtime.ts'
import { type GitFolders, readSmall } from './git-files.ts'

/**
 * Whether a checkout may be of this repository: its remote `origin`, where it has one, is. Read from the file of the
 * configuration alone; what that includes is not followed.
 */
export function isOfRepository(
  folders: GitFolders,
  runtime: Pick<Runtime, 'serverUrl' | 'repository'>
): boolean {
  const urls = originUrls(readSmall(join(folders.common, 'config')) ?? '')
  return urls.every(url => locationOf(url) === locationOf(`${runtime.serverUrl}/${runtime.repository}`))
}

function originUrls(config: string): string[] {
  let section = ''
  return config.split('\n').flatMap(line => {
    const text = line.trim()
    if (text.startsWith('[')) section = text.toLowerCase()
    const [key = '', ...rest] = text.split('=')
    const isUrl = section === '[remote "origin"]' && key.trim().toLowerCase() === 'url'
    return isUrl ? [rest.join('=').trim()] : []
  })
}

/** `host/owner/name`; '' for what is no address of a repository on a server. `git@host:owner/name.git` is one. */
function locationOf(url: string): string {
  const scp = url.includes('://') ? undefined : url.split(':')
  const [address = '', path] = scp ?? []
  const parsed = URL.parse(path === undefined ? url : `ssh://${address}/${path}`)
  if (parsed === null || parsed.protocol === 'file:') return ''
  const name = parsed.pathname.replaceAll('//', '/').toLowerCase()
  const plain = name.endsWith('/') ? name.slice(0, -1) : name
  return `${parsed.hostname.toLowerCase()}${plain.endsWith('.git') ? plain.slice(0, -4) : plain}`
}
