import type { LoadedScripts } from './glide/application.ts'

/**
 * Reads the scripts of a scoped application from a folder with a `manifest.json`, for the option `scripts`.
 * @throws Error for a manifest or a script that is not valid, with the entry and the reason
 */
export async function loadScripts(folder: string): Promise<LoadedScripts> {
  const { loadScripts: load } = await import('./glide/load.ts')
  return load(folder)
}
