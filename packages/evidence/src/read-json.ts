/** JSON read as a stream: only what the counts need is kept, and no part of a file holds up the others. */
import { JsonDocuments, type Shape } from './json-documents.ts'

/** Digits that are put together at a time: one by one, a long number would take too much. */
const NUMBER_BYTES = 64

/**
 * The documents of a JSON text, one or several behind each other, without what no shape names.
 *
 * @param shapes what is kept of a document, one for each format
 * @throws for a text that is no JSON, is cut, or has a key of a shape twice in one object
 * @throws BeyondLimit for one that is nested too deeply or has too many values
 */
export async function* readJson(
  text: AsyncIterable<string>,
  shapes: readonly Shape[]
): AsyncGenerator<unknown> {
  const { default: Tokenizer } = await import('@streamparser/json/tokenizer.js')
  const documents = new JsonDocuments(shapes)
  const tokenizer = new Tokenizer({ numberBufferSize: NUMBER_BYTES })
  tokenizer.onToken = ({ token, value }) => documents.take(token, value)
  for await (const chunk of text) {
    tokenizer.write(chunk)
    yield* documents.finished()
  }
  tokenizer.end()
  documents.end()
  yield* documents.finished()
}
