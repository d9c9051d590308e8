/** The GitHub App of resume-deployments: its manifest, the page that posts it, and the rights that the pages name. */
import { describe, expect, it } from '@jest/globals'
import { parse } from 'yaml'
import { read } from './workflow-files.ts'
import { readWorkflow, stepsOf } from './workflow-model.ts'

const manifest = JSON.parse(read('docs/app-manifest.json'))
const page = read('docs/create-app.html')
const guide = read('docs/approval-strategies.md')

/** `actions: read and deployments: write` as `{ actions: 'read', deployments: 'write' }`. */
function rightsIn(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(/\b(\w+): (read|write)\b/g)].map(([, name, level]) => [name, level])
  )
}

describe('the manifest', () => {
  const { metadata, ...rights } = manifest.default_permissions

  it('has the rights that the README names for the latch, and the one that GitHub adds to each App', () => {
    const readme = read('actions/resume-deployments/README.md')
    const [row = ''] = /^\| `protection-rule` \|.*$/m.exec(readme) ?? []
    expect(rightsIn(row)).toEqual(rights)
    expect(metadata).toBe('read')
  })

  it.each(['resume.yml', 'resume-ghes.yml'])(
    'has the rights that the token of examples/%s asks for',
    name => {
      const steps = stepsOf(readWorkflow(read(`examples/${name}`)))
      const given = steps.find(step => step.uses?.startsWith('actions/create-github-app-token@'))?.with ?? {}
      const asked = Object.entries(given).flatMap(([input, level]) =>
        input.startsWith('permission-') ? [[input.slice('permission-'.length), level]] : []
      )
      expect(Object.fromEntries(asked)).toEqual(rights)
    }
  )

  it('has the rights of the steps that are clicked', () => {
    const clicked = guide.match(/\*(Actions|Deployments): (Read-only|Read and write)\*/g)?.slice(0, 2) ?? []
    const words = { actions: 'Read-only', deployments: 'Read and write' }
    expect(clicked).toEqual([`*Actions: ${words.actions}*`, `*Deployments: ${words.deployments}*`])
    expect(rights).toEqual({ actions: 'read', deployments: 'write' })
  })

  it('subscribes to the event, with a webhook that is switched on', () => {
    expect(manifest.default_events).toEqual(['deployment_protection_rule'])
    expect(manifest.hook_attributes.active).toBe(true)
  })

  it('sends events to nobody until an address is put in, and the code to no server', () => {
    expect(new URL(manifest.hook_attributes.url).hostname).toMatch(/\.example\.com$/)
    expect(new URL(manifest.redirect_url).hostname).toBe('localhost')
  })
})

describe('the page that posts the manifest', () => {
  it('has the same manifest', () => {
    const [, text = ''] = /<textarea [^>]*name="manifest"[^>]*>([^<]*)<\/textarea>/.exec(page) ?? []
    expect(JSON.parse(text)).toEqual(manifest)
  })

  it('posts it to GitHub, for an organisation that is put in', () => {
    const forms = [...page.matchAll(/<form ([^>]*)>/g)].map(([, attributes]) => attributes)
    expect(forms).toEqual([
      'method="post" action="https://github.com/organizations/ORGANISATION/settings/apps/new"'
    ])
  })

  it('loads nothing and runs nothing', () => {
    expect(page).toContain(`content="default-src 'none'"`)
    expect(page).not.toMatch(/<(?:script|img|link|iframe|style)|\son\w+=|\s(?:src|href)=/i)
  })
})

it('the guide exchanges the code where GitHub sent it, and stores what the workflow reads', () => {
  expect(guide).toContain(manifest.redirect_url)
  expect(guide).toContain('gh api --method POST app-manifests/CODE/conversions')
  const texts = JSON.stringify(parse(read('examples/resume.yml')))
  for (const [, name] of guide.matchAll(/gh (?:variable|secret) set (\w+)/g))
    expect(texts).toContain(`.${name} }}`)
})
