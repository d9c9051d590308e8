/** Writes the generated tables into the README files: `npm run docs`. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { generatedParts, ROOT, replacePart } from './action-docs.ts'

for (const { file, place, text } of generatedParts()) {
  const path = join(ROOT, file)
  writeFileSync(path, replacePart(readFileSync(path, 'utf8'), place, text))
}
