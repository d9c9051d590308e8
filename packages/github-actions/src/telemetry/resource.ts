import type { Runtime } from '../step/runtime.ts'

/** Attributes by OpenTelemetry's semantic conventions for CI/CD and version control. */
type Resource = Readonly<Record<string, string | undefined>>

const SERVICE = 'servicenow-change-actions'

/**
 * What all measures of a deployment have in common, whichever run they come from: a run of its own in each series would
 * make a series that is never added up.
 *
 * @param environment '' where it is not known
 * @param given attributes of the variables, which win
 */
export function metricsResource(runtime: Runtime, environment: string, given: Resource): Resource {
  const [owner, name] = runtime.repository.split('/', 2)
  return {
    'service.name': SERVICE,
    'vcs.owner.name': owner,
    'vcs.repository.name': name,
    'vcs.provider.name': 'github',
    'cicd.pipeline.name': runtime.workflow,
    'deployment.environment.name': environment,
    ...given
  }
}

/** The same for a trace, which is of one run. @param version of the actions */
export function traceResource(
  runtime: Runtime,
  environment: string,
  given: Resource,
  version: string
): Resource {
  const { runId, runUrl, runAttempt, job, serverUrl, repository, sha, refName } = runtime
  return {
    ...metricsResource(runtime, environment, {}),
    'service.version': version,
    'vcs.repository.url.full': serverUrl === '' || repository === '' ? '' : `${serverUrl}/${repository}`,
    'vcs.ref.head.name': refName,
    'vcs.ref.head.revision': sha,
    'cicd.pipeline.run.id': runId,
    'cicd.pipeline.run.url.full': runUrl === '' ? '' : `${runUrl}/attempts/${runAttempt || '1'}`,
    'cicd.pipeline.task.name': job,
    ...given
  }
}
