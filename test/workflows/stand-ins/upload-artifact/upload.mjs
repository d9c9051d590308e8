import { cpSync, existsSync, mkdirSync } from 'node:fs'
import { basename, join } from 'node:path'

const {
  STAND_IN_ARTIFACTS: store = '',
  GITHUB_WORKSPACE: workspace = '',
  INPUT_NAME: name = ''
} = process.env
const paths = (process.env.INPUT_PATH ?? '').split('\n').flatMap(line => line.trim() || [])
const found = paths.map(path => join(workspace, path)).filter(path => existsSync(path))

if (found.length === 0 && process.env['INPUT_IF-NO-FILES-FOUND'] === 'error') {
  console.log('::error::No files were found')
  process.exit(1)
}
for (const path of found) {
  const target = join(store, name)
  mkdirSync(target, { recursive: true })
  // The contents of a folder given alone lie at the top of the artifact, as with the real action.
  cpSync(path, found.length === 1 && path.endsWith('/') ? target : join(target, basename(path)), {
    recursive: true
  })
}
console.log(`${found.length} of ${paths.length} paths stored in ${name}`)
