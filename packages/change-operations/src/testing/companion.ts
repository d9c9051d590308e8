import { fileURLToPath } from 'node:url'
import { type LoadedScripts, loadScripts } from '@change-actions/sandbox'

/** The companion application. */
export const COMPANION_FOLDER = folder('servicenow')

/** What an instance of the tests has beside it: flows of its own, which are on the lists of the application. */
const OWN_FLOWS = folder('test/companion')

/** The signing secret that the application has in the sandbox. */
export const SIGNING_SECRET = 'sandbox-signing-secret'

/** Resources of the application. */
export const DOOR = '/api/x_chgact/v1'

/** Flows that tests start. */
export const FLOWS = {
  /** The template: makes a change and requests its approval. */
  createChange: 'global.create_change',
  /** Makes a change with another correlation id than it was given. */
  otherChange: 'x_acme.other_change',
  note: 'x_acme.note',
  wait: 'x_acme.wait',
  fail: 'x_acme.fail',
  /** Allowed, and not there. */
  missing: 'x_acme.missing',
  notAllowed: 'x_acme.delete_all'
} as const

/** A flow with a REST trigger. */
export const TRIGGER = '/api/x_acme/deploy'

/** The application as it is, and the flows of the tests. */
export function companionScripts(): Promise<LoadedScripts> {
  return loadScripts(COMPANION_FOLDER, OWN_FLOWS)
}

function folder(path: string): string {
  return fileURLToPath(new URL(`../../../../${path}`, import.meta.url))
}
