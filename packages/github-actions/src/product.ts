/** Where the actions live: `uses: <slug>/actions/<name>@v1`. The one place that knows. */
export const SLUG = 'change-actions/servicenow'

/** Released version; a test keeps it equal to package.json. */
export const VERSION = '1.0.0'

/** The entry of a problem on the troubleshooting page, by its code. That of this release: a later one may have other texts. */
export function entryOf(code: string): string {
  return `https://github.com/${SLUG}/blob/v${VERSION}/docs/troubleshooting.md#${code}`
}
