/** The beginning of telemetry. Where no variable asks for it, nothing but this file is loaded. */
import { messageOf } from '../errors.ts'
import type { StepTools } from '../step/definition.ts'
import type { Env } from '../step/runtime.ts'
import { unsafeSettings } from '../step/unsafe-settings.ts'
import type { Telemetry } from './telemetry.ts'

const ENDPOINTS = [
  'OTEL_EXPORTER_OTLP_ENDPOINT',
  'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
  'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT'
]

/** Whether the variables of OpenTelemetry say where telemetry is to go. */
export function isTelemetryOn(env: Env): boolean {
  const read = (name: string) => env[name]?.trim() ?? ''
  if (read('OTEL_SDK_DISABLED').toLowerCase() === 'true') return false
  // What the headers hold could be read by anybody on the way.
  if (unsafeSettings(env).length > 0) return false
  return ENDPOINTS.some(name => read(name) !== '')
}

/** The telemetry of a step; undefined where it is off, or cannot be started. */
export async function startTelemetry(name: string, tools: StepTools): Promise<Telemetry | undefined> {
  if (!isTelemetryOn(tools.env)) return undefined
  try {
    const { createRecorder } = await import(/* webpackChunkName: "telemetry" */ './recorder.ts')
    return createRecorder(name, tools)
  } catch (error) {
    tools.log.debug(`Telemetry is off: ${messageOf(error)}`)
    return undefined
  }
}
