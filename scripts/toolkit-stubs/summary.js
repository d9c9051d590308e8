/** No action writes its summary through the toolkit. */
export const summary = undefined
export const markdownSummary = undefined
