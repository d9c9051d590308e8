import {
  isSameLabel,
  type StateMap,
  type StateName,
  stateOf,
  stateValue
} from '@change-actions/change-control'
import {
  type Change,
  type ChangeApi,
  canonical,
  fieldOf,
  type Query,
  type ServiceNowClient,
  type StandsFor
} from '@change-actions/servicenow-client'

/** The state of a change as its instance stores it, whatever it counts as. */
export function storedState(change: Change): string {
  return canonical(fieldOf(change.fields, 'state').value)
}

/**
 * A client for an instance with a life cycle of its own. The state of each change that it returns is that of the
 * shipped state which it counts as, and queries about states are asked in the instance's own values; `fields.state` is
 * as the instance has it. What is written is not changed: see `stateToWrite`.
 */
export function withStates(client: ServiceNowClient, states: StateMap): ServiceNowClient {
  if (states.entries.length === 0) return client
  return { ...client, changes: mappedChanges(client, states) }
}

/** The value of a state by its label; undefined where the instance has none, or its list may not be read. */
export async function valueOfLabel(client: ServiceNowClient, label: string): Promise<string | undefined> {
  const choices = await client.choices('state')
  return choices.find(choice => isSameLabel(choice.label, label))?.value
}

function mappedChanges(client: ServiceNowClient, states: StateMap): ChangeApi {
  const { changes } = client
  const read = (change: Change): Change => {
    const stored = storedState(change)
    const name = states.nameOf(stored, change.stateLabel)
    return { ...change, state: name === undefined ? stored : stateValue(name) }
  }
  /** A label whose value is not known leaves a term out of the query: the records that come back show it. */
  const list = async (query: Query, send: (asked: Query) => Promise<Change[]>): Promise<Change[]> => {
    return satisfying(query, (await send(await inStoredValues(client, states, query))).map(read))
  }
  return {
    capabilities: changes.capabilities,
    get: async (sysId, options) => read(await changes.get(sysId, options)),
    // As the instance stores them: they are compared with each other.
    poll: (sysId, options) => changes.poll(sysId, options),
    find: (query, operation) => list(query, asked => changes.find(asked, operation)),
    async list(query, operation, fields) {
      const listed = await changes.list(await inStoredValues(client, states, query), operation, fields)
      return { ...listed, changes: satisfying(query, listed.changes.map(read)) }
    },
    findNewest: (query, operation) => list(query, asked => changes.findNewest(asked, operation)),
    async create(draft, check) {
      const made = await changes.create(draft, check)
      return made.change === undefined ? made : { ...made, change: read(made.change) }
    },
    async update(sysId, fields, options) {
      const { done } = options
      const mapped =
        done === undefined ? options : { ...options, done: (change: Change) => done(read(change)) }
      return read(await changes.update(sysId, fields, mapped))
    },
    nextStates: sysId => changes.nextStates(sysId),
    openTasks: sysId => changes.openTasks(sysId),
    updateTask: (...task) => changes.updateTask(...task),
    evaluateRisk: async sysId => read(await changes.evaluateRisk(sysId)),
    startConflictCheck: sysId => changes.startConflictCheck(sysId),
    conflicts: sysId => changes.conflicts(sysId),
    template: name => changes.template(name)
  }
}

function satisfying(query: Query, found: Change[]): Change[] {
  if (query.valuesOf('state').length === 0) return found
  return found.filter(change =>
    query.accepts({ ...change.fields, state: { value: change.state, display: change.state } })
  )
}

/** The query with each shipped state replaced by those of the instance that count as it. */
async function inStoredValues(client: ServiceNowClient, states: StateMap, query: Query): Promise<Query> {
  const stored = new Map<string, StandsFor>()
  for (const value of query.valuesOf('state')) {
    const name = stateOf(value)
    if (name !== undefined) stored.set(value, await storedValues(client, states, name))
  }
  return query.replaceValues('state', value => stored.get(value) ?? { values: [value], all: true })
}

async function storedValues(client: ServiceNowClient, states: StateMap, name: StateName): Promise<StandsFor> {
  const own = states.statesOf(name)
  const found = await Promise.all(
    own.map(state => ('value' in state ? state.value : valueOfLabel(client, state.label)))
  )
  const values = found.filter(value => value !== undefined)
  return { values: [...new Set(values)], all: values.length === own.length }
}
