/**
 * Writes everything that is generated and committed: `npm run docs`. First every action.yml and the schema of the
 * policy file, and the pages that the alerts name, then the tables and pages of the documentation, which are made from them.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './action-docs.ts'
import { writeManifests } from './action-manifests.ts'
import { generatedParts, replacePart } from './doc-parts.ts'
import { writeKnownInputs } from './policy-keys.ts'
import { writePolicySchema } from './policy-schema.ts'
import { writeRunbooks } from './runbooks.ts'

writeManifests()
writeKnownInputs()
writePolicySchema()
writeRunbooks()
for (const { file, place, text } of generatedParts()) {
  const path = join(ROOT, file)
  writeFileSync(path, replacePart(readFileSync(path, 'utf8'), place, text))
}
