import { boolean, oneOf } from '../inputs/scalars.ts'

/** Whether what approvers should know is read from GitHub. */
export const briefInput = { changeBrief: oneOf(['auto', 'off'], { default: 'auto' }) } as const

/** Whether people read of a deployment in the work notes of its change, at its start and end. */
export const lifecycleNotesInput = { lifecycleNotes: boolean({ default: true }) } as const
