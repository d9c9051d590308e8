/** Where the actions live: `uses: <slug>/actions/<name>@v1`. The one place that knows. */
export const SLUG = 'change-actions/servicenow'

/** Released version; a test keeps it equal to package.json. */
export const VERSION = '1.0.0'
