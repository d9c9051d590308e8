import type { ScriptedResource } from './application.ts'

/**
 * The resource of a flow with the trigger "REST API - Asynchronous": it starts the flow, which runs later, and responds
 * with the id of the execution. The flow gets path, query, headers and body of the request as its inputs.
 *
 * @param flow its name, with the scope
 */
export function restTrigger(
  flow: string,
  resource: Omit<ScriptedResource, 'script' | 'name'>
): ScriptedResource {
  return {
    ...resource,
    name: flow,
    script: `(function process(request, response) {
  var inputs = {
    path_params: request.pathParams,
    query_params: request.queryParams,
    headers: request.headers,
    body: request.body ? request.body.data : {}
  };
  var started = sn_fd.FlowAPI.getRunner().flow(${JSON.stringify(flow)}).inBackground().withInputs(inputs).run();
  return { executionId: started.getContextId() };
})(request, response);`
  }
}
