import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const { STAND_IN_ARTIFACTS: store = '' } = process.env
/** @param {string} name */
const input = name => process.env[`INPUT_${name.toUpperCase()}`] ?? ''
const [, digest] = /^sha256:([0-9a-f]{64})$/.exec(input('subject-digest')) ?? []
if (digest === undefined || input('subject-name') === '') throw new Error('The subject has no name or digest')
const folder = join(store, 'attestations')
mkdirSync(folder, { recursive: true })
writeFileSync(
  join(folder, `${digest}.json`),
  JSON.stringify({
    type: input('predicate-type'),
    predicate: JSON.parse(readFileSync(input('predicate-path'), 'utf8'))
  })
)
