/** The actions and the reusable workflows of this repository, as workflows are checked against them. */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { SLUG } from '../../packages/github-actions/src/product.ts'
import { ACTIONS, manifestFolder, ROOT } from '../../scripts/action-docs.ts'
import type { Catalogue } from './workflow-checks.ts'
import { read } from './workflow-files.ts'
import { actionInterface, reusableInterface } from './workflow-model.ts'

const workflows = join(ROOT, '.github/workflows')

/** Texts of the reusable workflows by path. */
export const reusable = Object.fromEntries(
  (existsSync(workflows) ? readdirSync(workflows) : []).flatMap(name => {
    const path = `.github/workflows/${name}`
    return reusableInterface(read(path)) === undefined ? [] : [[path, read(path)]]
  })
)

/** What a workflow may use: the actions and the reusable workflows as they are. */
export const catalogue: Catalogue = {
  slug: SLUG,
  ref: 'v1',
  actions: new Map(
    ACTIONS.map(action => [
      action === 'gate' ? '' : `actions/${action}`,
      actionInterface(read(join(manifestFolder(action), 'action.yml')))
    ])
  ),
  reusable: new Map(
    Object.entries(reusable).flatMap(([path, content]) => {
      const found = reusableInterface(content)
      return found === undefined ? [] : [[path, found]]
    })
  )
}
