/** Preloaded into a measured process: writes its maximum resident memory, in bytes, to BENCH_PEAK_FILE at the exit. */
const { readFileSync, writeFileSync } = require('node:fs')

const file = process.env.BENCH_PEAK_FILE
if (file !== undefined) process.on('exit', () => writeFileSync(file, String(peakBytes())))

/** Maximum resident memory, in bytes. On Linux `maxRSS` may be that of the parent process, so /proc is read. */
function peakBytes() {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS * 1024
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? []
  return Number(kilobytes) * 1024
}

module.exports = { peakBytes }
