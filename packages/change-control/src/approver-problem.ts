/** Why no approval counts. Names are raw texts of the instance. */
export type ApproverProblem =
  /** No approver row reads `approved`. */
  | { readonly kind: 'no-row' }
  /** Everybody who approved also asked for the change. */
  | { readonly kind: 'self-approved'; readonly approvers: readonly string[] }
  /** Who asked for the change is not known: `requested_by` is empty, or our own account. */
  | { readonly kind: 'requester-unknown'; readonly requestedBy: string }
  /** Rows of this table cannot be read, or not the fields that tell who approved and who asked. */
  | { readonly kind: 'unreadable'; readonly table: ApproverTable }

/** Where approvers and those who asked are read. */
export type ApproverTable = 'sysapproval_approver' | 'sys_user' | 'change_request'
