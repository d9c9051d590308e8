import { installAttachments } from './attachments.ts'
import { installDateTime } from './date-time.ts'
import { elementClass } from './elements.ts'
import { keepEs5 } from './es5-only.ts'
import { installFlow } from './flow.ts'
import { installRecords } from './records.ts'
import { installRest, realmRequest, realmResponse } from './rest.ts'
import { runTask } from './run.ts'
import { installSystem } from './system.ts'
import { queryTerms } from './terms.ts'

const PARTS = {
  installRecords,
  installSystem,
  installAttachments,
  installDateTime,
  installRest,
  installFlow,
  keepEs5,
  queryTerms,
  elementClass,
  realmRequest,
  realmResponse
}

/**
 * The program of a realm: it takes `$bridge` and `$task` from the global object and evaluates to the outcome as JSON.
 * The functions are taken as text, so that nothing of the process is within reach of a script, and so that one bundle
 * holds all.
 */
export function realmProgram(): string {
  const parts = Object.entries(PARTS).map(([name, part]) => `${name}: (${part})`)
  return `(function (scope) {
  var bridge = scope.$bridge, task = scope.$task
  delete scope.$bridge
  delete scope.$task
  return (${runTask})(scope, bridge, task, { ${parts.join(',\n')} })
})(this)`
}
