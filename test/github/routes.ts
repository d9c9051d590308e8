import { accountHandlers } from './accounts.ts'
import type { Handler } from './call.ts'
import { checkHandlers } from './checks.ts'
import { contentHandlers } from './contents.ts'
import { decisionHandlers } from './decisions.ts'
import { deploymentHandlers } from './deployments.ts'
import { dispatchHandlers } from './dispatches.ts'
import { environmentHandlers } from './environments.ts'
import { pullHandlers } from './pulls.ts'
import { pushHandlers } from './pushes.ts'
import { rerunHandlers } from './reruns.ts'
import { runHandlers } from './run-handlers.ts'

/** By `operationId`. */
export const HANDLERS: Readonly<Record<string, Handler>> = {
  ...accountHandlers,
  ...checkHandlers,
  ...contentHandlers,
  ...decisionHandlers,
  ...deploymentHandlers,
  ...dispatchHandlers,
  ...environmentHandlers,
  ...pullHandlers,
  ...pushHandlers,
  ...rerunHandlers,
  ...runHandlers
}
