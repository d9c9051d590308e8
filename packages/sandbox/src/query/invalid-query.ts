/** A query with a term that does not exist, on an instance that does not return no rows for it. */
export class InvalidQuery extends Error {
  override readonly name = 'InvalidQuery'
}
