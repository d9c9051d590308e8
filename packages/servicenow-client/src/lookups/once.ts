/** Asks only once for the same thing; a question that failed may be asked again. */
export function once<A extends readonly string[], T>(
  ask: (...about: A) => Promise<T>
): (...about: A) => Promise<T> {
  const answers = new Map<string, Promise<T>>()
  return (...about) => {
    const key = JSON.stringify(about)
    const known = answers.get(key)
    if (known !== undefined) return known
    const answer = ask(...about)
    answers.set(key, answer)
    answer.catch(() => answers.delete(key))
    return answer
  }
}
