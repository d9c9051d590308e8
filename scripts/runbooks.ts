/** The pages that the alerts of monitoring/ name: those of this release, as the links in annotations are. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SLUG, VERSION } from '../packages/github-actions/src/product.ts'
import { ROOT } from './action-docs.ts'

/** Addresses of pages begin with this. */
export const PAGES_OF_RELEASE = `https://github.com/${SLUG}/blob/v${VERSION}/`

/** The rules and their tests. */
export const RULE_FILES: readonly string[] = readdirSync(join(ROOT, 'monitoring'))
  .filter(file => file.endsWith('.yaml'))
  .map(file => `monitoring/${file}`)

/** A text whose addresses of our pages are those of this release. */
export function ofRelease(text: string): string {
  return text.replace(new RegExp(`https://github\\.com/${SLUG}/blob/v[\\w.-]+/`, 'g'), PAGES_OF_RELEASE)
}

/** Has the alerts name the pages of this release. */
export function writeRunbooks(): void {
  for (const file of RULE_FILES) {
    const path = join(ROOT, file)
    writeFileSync(path, ofRelease(readFileSync(path, 'utf8')))
  }
}
