/** The licences of what the bundles contain. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BundledPackage } from './bundle-contents.ts'

/**
 * One notice a package.
 *
 * @throws when a package has no licence file: MIT and ISC ask for the notice
 */
export function licenseNotices(packages: readonly BundledPackage[]): string {
  return packages.map(notice).join('\n')
}

function notice({ name, version, license, folder }: BundledPackage): string {
  const file = readdirSync(folder).find(entry => /^licen[cs]e(\.|$)/i.test(entry))
  if (file === undefined) throw new Error(`${name} ${version} has no licence file, which ${license} asks for`)
  const text = readFileSync(join(folder, file), 'utf8').replaceAll('\r\n', '\n').trim()
  return `${name} ${version}\n${license}\n\n${text}\n`
}
