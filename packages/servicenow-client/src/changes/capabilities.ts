/** What differs between the two REST APIs for changes, by the question that callers have. */
export interface Capabilities {
  /** A change that is made from a template gets the description of the template; one that is sent is ignored. */
  readonly templatesOwnDescription: boolean
  /** Standard changes are made from templates alone. */
  readonly standardNeedsTemplate: boolean
  /** A change can be made from a change model. */
  readonly changeModels: boolean
  /** Any write takes names and labels; without it they need `byDisplayValue`, in a request of their own. */
  readonly resolvesNames: boolean
  readonly evaluatesRisk: boolean
  readonly detectsConflicts: boolean
  /** Tells which moves a change can make now, and which conditions are not met. */
  readonly tellsNextStates: boolean
}

/** The Change Management API (`/api/sn_chg_rest`), or the Table API on `change_request`. */
export type ApiName = 'change-management' | 'table'

export const CAPABILITIES: Readonly<Record<ApiName, Capabilities>> = {
  'change-management': {
    templatesOwnDescription: true,
    standardNeedsTemplate: true,
    changeModels: true,
    resolvesNames: true,
    evaluatesRisk: true,
    detectsConflicts: true,
    tellsNextStates: true
  },
  table: {
    templatesOwnDescription: false,
    standardNeedsTemplate: false,
    changeModels: false,
    resolvesNames: false,
    evaluatesRisk: false,
    detectsConflicts: false,
    tellsNextStates: false
  }
}
