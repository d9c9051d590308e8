/**
 * Everything the bundle offers: one start for each action, called by the few lines in dist/<name>/index.js. Of the
 * actions in the bundle only the one that starts is made ready.
 */
export async function attachEvidence(): Promise<void> {
  const { main } = await import(/* webpackMode: "eager" */ './attach-evidence/src/main.ts')
  await main()
}

export async function auditDeployments(): Promise<void> {
  const { main } = await import(/* webpackMode: "eager" */ './audit-deployments/src/main.ts')
  await main()
}

export async function checkConnection(): Promise<void> {
  const { main } = await import(/* webpackMode: "eager" */ './check-connection/src/main.ts')
  await main()
}

export async function createChange(): Promise<void> {
  const { main } = await import(/* webpackMode: "eager" */ './create-change/src/main.ts')
  await main()
}

export async function gate(): Promise<void> {
  const { main } = await import(/* webpackMode: "eager" */ './gate/src/main.ts')
  await main()
}

export async function gatePost(): Promise<void> {
  const { post } = await import(/* webpackChunkName: "work" */ './gate/src/post.ts')
  await post()
}

export async function previewChange(): Promise<void> {
  const { main } = await import(/* webpackMode: "eager" */ './preview-change/src/main.ts')
  await main()
}

export async function resumeDeployments(): Promise<void> {
  const { main } = await import(/* webpackMode: "eager" */ './resume-deployments/src/main.ts')
  await main()
}

export async function runFlow(): Promise<void> {
  const { main } = await import(/* webpackMode: "eager" */ './run-flow/src/main.ts')
  await main()
}

export async function sandbox(): Promise<void> {
  const { main } = await import(/* webpackMode: "eager" */ './sandbox/src/main.ts')
  await main()
}

export async function sandboxPost(): Promise<void> {
  const { post } = await import(/* webpackChunkName: "sandbox" */ './sandbox/src/post.ts')
  await post()
}

export async function sendEvent(): Promise<void> {
  const { main } = await import(/* webpackMode: "eager" */ './send-event/src/main.ts')
  await main()
}

export async function updateChange(): Promise<void> {
  const { main } = await import(/* webpackMode: "eager" */ './update-change/src/main.ts')
  await main()
}

export async function waitApproval(): Promise<void> {
  const { main } = await import(/* webpackMode: "eager" */ './wait-approval/src/main.ts')
  await main()
}
