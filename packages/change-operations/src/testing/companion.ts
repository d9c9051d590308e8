import { fileURLToPath } from 'node:url'
import { type LoadedScripts, loadScripts } from '@change-actions/sandbox'

/** The companion application that tests run in the sandbox. */
export const COMPANION_FOLDER = fileURLToPath(new URL('../../../../test/companion', import.meta.url))

/** The signing secret that it has. */
export const SIGNING_SECRET = 'sandbox-signing-secret'

export function companionScripts(): Promise<LoadedScripts> {
  return loadScripts(COMPANION_FOLDER)
}
