/** Everything the bundle offers: one start for each action. The few lines in dist/<name>/index.js call them. */
export { main as attachEvidence } from './attach-evidence/src/main.ts'
export { main as checkConnection } from './check-connection/src/main.ts'
export { main as createChange } from './create-change/src/main.ts'
export { main as gate } from './gate/src/main.ts'
export { post as gatePost } from './gate/src/post.ts'
export { main as updateChange } from './update-change/src/main.ts'
export { main as waitApproval } from './wait-approval/src/main.ts'
