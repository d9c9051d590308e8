/** Preloaded into a process under measurement: writes the peak of its resident memory, in bytes, when it ends. */
const { readFileSync, writeFileSync } = require('node:fs')

const file = process.env.BENCH_PEAK_FILE
if (file !== undefined) process.on('exit', () => writeFileSync(file, String(peakBytes())))

/** On Linux `maxRSS` may be that of the process that started this one. */
function peakBytes() {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS * 1024
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? []
  return Number(kilobytes) * 1024
}

module.exports = { peakBytes }
