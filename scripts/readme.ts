/** Writes the generated tables and pages into the documentation: `npm run docs`. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './action-docs.ts'
import { generatedParts, replacePart } from './doc-parts.ts'

for (const { file, place, text } of generatedParts()) {
  const path = join(ROOT, file)
  writeFileSync(path, replacePart(readFileSync(path, 'utf8'), place, text))
}
