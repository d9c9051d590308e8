import type { LoadedScripts } from './glide/application.ts'

/**
 * Reads the scripts of a scoped application from a folder with a `manifest.json`, for the option `scripts`.
 *
 * @param beside folders of what else the instance has, such as flows of its own: their names keep their scope, and a
 *   property that is there already gets the value of the later folder
 * @throws Error for a manifest or a script that is not valid, with the entry and the reason
 */
export async function loadScripts(folder: string, ...beside: readonly string[]): Promise<LoadedScripts> {
  const { loadScripts: load } = await import('./glide/load.ts')
  return load(folder, ...beside)
}
