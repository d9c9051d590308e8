import { GraphQLError } from 'graphql'
import { canSee, checkRights } from '../access.ts'
import type { Right } from '../permissions.ts'
import { Refusal } from '../refusal.ts'
import type { Repository, World } from '../state.ts'
import type { Caller } from '../tokens.ts'

/** Who sends the query, and to which GitHub. */
export interface Scope {
  readonly world: World
  readonly caller: Caller
}

/** An error with GitHub's `type` (`NOT_FOUND`, `FORBIDDEN`), which stands beside the message. */
export function failure(type: string, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { type } })
}

/** The value of a field, for a caller that has one of the rights. @throws GraphQLError of the type FORBIDDEN */
export function guarded<A, T>(
  { caller }: Scope,
  repository: Repository,
  rights: readonly Right[],
  value: (args: A) => T
): (args: A) => T {
  return args => {
    try {
      checkRights(caller, repository, rights)
    } catch (error) {
      if (error instanceof Refusal) throw failure('FORBIDDEN', error.message)
      throw error
    }
    return value(args)
  }
}

/** The repository of that name, when the caller may see it. @throws GraphQLError of the type NOT_FOUND */
export function visibleRepository({ world, caller }: Scope, owner: string, name: string): Repository {
  const found = world.repositories.find(
    one =>
      one.owner.login.toLowerCase() === owner.toLowerCase() && one.name.toLowerCase() === name.toLowerCase()
  )
  if (found === undefined || !canSee(caller, found)) {
    throw failure('NOT_FOUND', `Could not resolve to a Repository with the name '${owner}/${name}'.`)
  }
  return found
}
