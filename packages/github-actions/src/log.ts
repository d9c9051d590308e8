import * as core from '@actions/core'
import { harmless, oneLine, shorten } from './text.ts'

/** The runner cuts the message of an annotation here. */
const MAX_ANNOTATION = 4096
const MAX_TITLE = 200

/**
 * The step's log. Whatever is printed has its secrets replaced and cannot act as a workflow command.
 * Annotations (notice, warning, error) are cut at 4096 characters; the runner shows ten of a kind a step.
 */
export interface Log {
  info(text: string): void
  /** Shown only when debug logging is on. */
  debug(text: string): void
  notice(text: string, title?: string): void
  warning(text: string, title?: string): void
  /**
   * An error annotation that by itself fails nothing. A step that is to fail throws instead and gets its
   * one annotation from `runStep`; this is for a post step that reports and leaves the job's result alone.
   */
  error(text: string, title?: string): void
}

/** How a log is set up. */
export interface LogOptions {
  /** Replaces secrets; sees the text before anything else does. */
  redact(text: string): string
  /** Whether debug lines are printed at all; the runner would drop them, other runners may not. */
  readonly debug: boolean
}

/** A log on standard output. */
export function createLog({ redact, debug }: LogOptions): Log {
  const clean = (text: string): string => harmless(redact(text))
  const message = (text: string): string => shorten(clean(text), MAX_ANNOTATION)
  const properties = (title: string | undefined): core.AnnotationProperties =>
    title === undefined ? {} : { title: oneLine(redact(title), MAX_TITLE) }
  return {
    info: text => core.info(clean(text)),
    debug: text => (debug ? core.debug(clean(text)) : undefined),
    notice: (text, title) => core.notice(message(text), properties(title)),
    warning: (text, title) => core.warning(message(text), properties(title)),
    error: (text, title) => core.error(message(text), properties(title))
  }
}
