import { combinations, runMatrix } from './matrix.ts'
import { type Baseline, baselineOf } from './points.ts'
import { FILES, SCENARIOS } from './scenarios.ts'
import { createWorkspace } from './world.ts'

const ws = createWorkspace(FILES)
const only = process.argv[2]
const key = process.argv[3]
const limit = Number(process.env.LIMIT ?? 4)
const t0 = Date.now()
const baselines: Baseline[] = []
for (const s of SCENARIOS)
  if (only === undefined || `${s.api} ${s.name}`.includes(only)) baselines.push(await baselineOf(s, ws))
const all = combinations(baselines).filter(c => key === undefined || c.fault.key === key)
console.log(all.length, 'combinations', Date.now() - t0)
let n = 0
const findings = await runMatrix(all, ws, limit, f => {
  n += 1
  if (n % 100 === 0) console.log(n, Date.now() - t0)
  if (f.wrong.length) {
    console.log(
      `✗ ${f.baseline.scenario.api} ${f.baseline.scenario.name} · ${f.point.method} ${f.point.path} #${f.point.nth} · ${f.fault.key} → ${f.ending} ${Math.round(f.ms)}: ${f.wrong.join('; ')}`
    )
    if (process.env.LOGS) console.log(f.log)
  }
})
console.log(findings.length, findings.filter(f => f.wrong.length).length, 'wrong', Date.now() - t0, 'ms')
process.exit(0)
