import { kills, runKills } from './kill.ts'
import { runLoad } from './load.ts'
import { type Baseline, baselineOf } from './points.ts'
import { race } from './race.ts'
import { FILES, SCENARIOS } from './scenarios.ts'
import { cancels, runCancels } from './signals.ts'
import { createWorkspace } from './world.ts'

const ws = createWorkspace(FILES)
const [what, only = ''] = process.argv.slice(2)
const t0 = Date.now()
const chosen = SCENARIOS.filter(s => `${s.api} ${s.name}`.includes(only))
if (what === 'load') console.log(await runLoad())
else if (what === 'race')
  for (const s of chosen.filter(s => s.action === 'create-change' && !s.name.includes('rival'))) {
    const r = await race(s, ws, 20)
    console.log(r.name, r.wrong, Date.now() - t0)
    if (process.env.LOGS) console.log(r.log)
  }
else {
  const b: Baseline[] = []
  for (const s of chosen) b.push(await baselineOf(s, ws))
  const label = (f: any) =>
    `${f.baseline.scenario.api} ${f.baseline.scenario.name} · ${f.point.method} ${f.point.path} #${f.point.nth}`
  if (what === 'kill') {
    const r = await runKills(kills(b), ws, 4)
    console.log(r.length)
    for (const f of r)
      if (f.wrong.length) {
        console.log('✗', label(f), f.committed, f.wrong)
        if (process.env.LOGS) console.log(f.log)
      }
  }
  if (what === 'signals') {
    const r = await runCancels(cancels(b), ws, 4)
    console.log(r.length, Math.max(...r.map(x => x.goneMs)))
    for (const f of r)
      if (f.wrong.length) {
        console.log('✗', label(f), f.signal, f.wrong)
        if (process.env.LOGS) console.log(f.log)
      }
  }
}
console.log(Date.now() - t0)
process.exit(0)
