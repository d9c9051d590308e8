/** The actions write job summaries without the toolkit. */
export const summary = undefined
export const markdownSummary = undefined
