import type { Application, LoadedScripts, ScriptedResource, ScriptedRule } from '../glide/application.ts'
import { withScripts } from '../glide/scripts.ts'

/** An application with only the given parts. */
export function application(parts: Partial<Application> = {}): LoadedScripts {
  return withScripts({
    scope: 'x_acme',
    rules: [],
    resources: [],
    includes: [],
    flows: [],
    actions: [],
    properties: [],
    tables: [],
    roles: [],
    ...parts
  })
}

/** A rule on changes that runs before each write. */
export function rule(script: string, parts: Partial<ScriptedRule> = {}): ScriptedRule {
  return {
    name: 'Rule',
    table: 'change_request',
    when: 'before',
    on: ['insert', 'update'],
    order: 100,
    filter: '',
    condition: '',
    script,
    ...parts
  }
}

/** A resource at `POST /api/x_acme/run` for every account. */
export function resource(script: string, parts: Partial<ScriptedResource> = {}): ScriptedResource {
  return {
    name: 'Run',
    method: 'POST',
    path: '/api/x_acme/run',
    authentication: true,
    roles: [],
    script,
    ...parts
  }
}
