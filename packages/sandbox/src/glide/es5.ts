/** The first place where a script is not ES5, as one line; undefined when it is. The platform runs scripts as ES5. */
export async function notEs5(source: string): Promise<string | undefined> {
  // Loaded here: an instance without scripts does not need a parser.
  const { parse } = await import('acorn')
  try {
    parse(source, { ecmaVersion: 5, sourceType: 'script', allowReserved: false })
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}
