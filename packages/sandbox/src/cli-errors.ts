/** What went wrong at the start, in one line that names the fix. */

/** Codes of the system, and what to do. `port` is the one that was asked for. */
const FIXES: Readonly<Record<string, (port: number, host: string) => string>> = {
  EADDRINUSE: port =>
    `Port ${port} is in use. Fix: choose another one with --port, or a free one with --port 0.`,
  EACCES: port => `Port ${port} may not be used by this account. Fix: choose one above 1023 with --port.`,
  EADDRNOTAVAIL: (_, host) => `This machine has no address ${host}. Fix: give one of its own with --host.`,
  ENOTFOUND: (_, host) => `There is no host ${host}. Fix: give an address of this machine with --host.`
}

/** The line for an error. Errors of the sandbox itself name their fix. */
export function lineOf(error: unknown, port: number, host: string): string {
  const { code = '', syscall } = error as { code?: string; syscall?: string }
  const fix = syscall === 'listen' || syscall === 'getaddrinfo' ? FIXES[code] : undefined
  const text = fix?.(port, host) ?? (error instanceof Error ? error.message : String(error))
  return text
    .split('\n')
    .map(line => line.trim())
    .join(' ')
}
