import { cpSync, existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'

const { STAND_IN_ARTIFACTS: store = '', GITHUB_WORKSPACE: workspace = '', INPUT_NAME: name } = process.env
const merge = process.env['INPUT_MERGE-MULTIPLE'] === 'true'
const target = resolve(workspace, process.env.INPUT_PATH || '.')

/** `*` stands for any text. */
const parts = (process.env.INPUT_PATTERN || '*').split('*').map(part => part.replace(/[^\w-]/g, '\\$&'))
const pattern = new RegExp(`^${parts.join('.*')}$`)

const stored = existsSync(store) ? readdirSync(store) : []
const wanted = stored.filter(one => (name ? one === name : pattern.test(one)))
if (name && wanted.length === 0) {
  console.log(`::error::Unable to download artifact(s): Artifact not found for name: ${name}`)
  process.exit(1)
}
mkdirSync(target, { recursive: true })
for (const one of wanted)
  cpSync(join(store, one), name || merge ? target : join(target, one), { recursive: true })
console.log(`${wanted.length} artifacts downloaded`)
