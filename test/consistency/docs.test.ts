import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { EXPLANATIONS } from '@change-actions/github-actions/messages'
import { describe, expect, it } from '@jest/globals'
import { parse } from 'yaml'
import { SLUG } from '../../packages/github-actions/src/product.ts'
import { ACTIONS, type ActionName, ROOT, readManifest } from '../../scripts/action-docs.ts'
import { generatedParts, replacePart } from '../../scripts/doc-parts.ts'
import { ENDPOINT_GROUPS, endpointOf } from '../../scripts/endpoints.ts'
import { ofRelease, PAGES_OF_RELEASE, RULE_FILES } from '../../scripts/runbooks.ts'
import { ANCHORS, isExplained, TITLES } from '../../scripts/troubleshooting.ts'
import { reusableWorkflows } from '../../scripts/workflow-titles.ts'

const read = (file: string) => readFileSync(join(ROOT, file), 'utf8')

const PAGES = [
  'README.md',
  ...markdownIn('docs'),
  ...markdownIn('docs/design'),
  ...ACTIONS.map(action => `actions/${action}/README.md`),
  ...markdownIn('examples'),
  ...['CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md'],
  ...['packages/sandbox/README.md', 'test/workflows/README.md', 'servicenow/README.md']
].filter(file => existsSync(join(ROOT, file)))

function markdownIn(folder: string): string[] {
  if (!existsSync(join(ROOT, folder))) return []
  return readdirSync(join(ROOT, folder)).flatMap(name => (name.endsWith('.md') ? [`${folder}/${name}`] : []))
}

describe('generated parts', () => {
  it.each(generatedParts())('$file: "$place" is up to date (npm run docs)', ({ file, place, text }) => {
    const content = read(file)
    expect(replacePart(content, place, text)).toBe(content)
  })
})

describe('links', () => {
  it.each(PAGES)('%s leads to files and headings that exist', file => {
    expect(deadLinks(file, read(file))).toEqual([])
  })

  it('are found dead when they are', () => {
    const text =
      '[a](nowhere.md) [b](#no-heading) [c](docs/README.md#no-heading) [d](LICENSE) [e](https://x.example)'
    expect(deadLinks('README.md', text)).toEqual(['nowhere.md', '#no-heading', 'docs/README.md#no-heading'])
  })

  it('each alert has the address of a heading, in the pages of this release (npm run docs)', () => {
    for (const file of RULE_FILES) expect(ofRelease(read(file))).toBe(read(file))
    const { groups }: { groups: { rules: Rule[] }[] } = parse(read('monitoring/prometheus-rules.yaml'))
    const alerts = groups.flatMap(({ rules }) => rules).filter(({ alert }) => alert !== undefined)
    expect(alerts.length).toBeGreaterThan(4)
    for (const { annotations } of alerts) {
      const { runbook_url: address = '' } = annotations ?? {}
      expect(address).toContain(PAGES_OF_RELEASE)
      const [page = '', anchor = ''] = address.slice(PAGES_OF_RELEASE.length).split('#')
      expect([address, hasAnchor(read(page), anchor)]).toEqual([address, true])
    }
  })

  it.each(markdownIn('docs'))('%s is reached from the index', file => {
    const targets = linksIn(read('docs/README.md')).map(link => `docs/${link.split('#')[0]}`)
    expect(file === 'docs/README.md' || targets.includes(file)).toBe(true)
  })
})

interface Rule {
  readonly alert?: string
  readonly annotations?: { readonly runbook_url?: string }
}

/** Targets of Markdown links, code left out. */
function linksIn(markdown: string): string[] {
  const prose = withoutCode(markdown).replace(/`[^`\n]*`/g, '')
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target)
}

function withoutCode(markdown: string): string {
  return markdown.replace(/^```[\s\S]*?^```/gm, '')
}

function deadLinks(file: string, markdown: string): string[] {
  return linksIn(markdown).filter(link => {
    if (/^[a-z]+:/.test(link)) return false
    const [path = '', anchor] = link.split('#')
    const target = path === '' ? file : relative(ROOT, join(ROOT, dirname(file), path))
    if (!existsSync(join(ROOT, target))) return true
    const content = path === '' ? markdown : target
    return anchor !== undefined && !hasAnchor(path === '' ? content : readPage(target), anchor)
  })
}

function readPage(target: string): string {
  return statSync(join(ROOT, target)).isDirectory() ? '' : read(target)
}

/** GitHub's anchors: lower case, only letters, digits, hyphens and underscores, blanks as hyphens. */
function hasAnchor(markdown: string, anchor: string): boolean {
  const headings = [...withoutCode(markdown).matchAll(/^#{1,6} (.+)$/gm)].map(([, text = '']) =>
    text
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-')
  )
  return headings.includes(anchor)
}

describe('steps in the documentation', () => {
  const steps = PAGES.flatMap(file => stepsIn(read(file)).map(step => ({ file, ...step })))
  const ours = steps.filter(({ uses = '' }) => /servicenow/i.test(uses) && !/devops/.test(uses))

  it('are there', () => expect(ours.length).toBeGreaterThan(20))

  it.each(ours)('$file: $uses is one of ours, with inputs it has', ({ uses = '', with: given = {} }) => {
    const declared = Object.keys(readManifest(actionOf(uses)).inputs)
    expect(declared).toEqual(expect.arrayContaining(Object.keys(given)))
  })

  it('each README of an action shows it', () => {
    for (const action of ACTIONS) {
      const shown = stepsIn(read(`actions/${action}/README.md`)).flatMap(({ uses = '' }) =>
        uses.startsWith(SLUG) ? [actionOf(uses)] : []
      )
      expect(shown).toContain(action)
    }
  })
})

/** Which action a step uses; the slug alone is the gate. @throws for another slug or version */
function actionOf(uses: string): ActionName {
  if (uses === `${SLUG}@v1`) return 'gate'
  const [, name = ''] = new RegExp(`^${SLUG}/actions/([\\w-]+)@v1$`).exec(uses) ?? []
  if (!(ACTIONS as readonly string[]).includes(name)) throw new Error(`${uses} is none of our actions`)
  return name as ActionName
}

interface DocStep {
  readonly uses?: string
  readonly with?: Readonly<Record<string, unknown>>
}

/** The steps of every YAML block: whole workflows, jobs, and lists of steps alike. */
function stepsIn(markdown: string): DocStep[] {
  return [...markdown.matchAll(/^```yaml\n([\s\S]*?)^```/gm)].flatMap(([, block = '']) => {
    const content = parse(block) as DocStep[] | { jobs?: Record<string, { steps?: DocStep[] }> }
    if (Array.isArray(content)) return content
    return Object.values(content.jobs ?? {}).flatMap(job => job.steps ?? [])
  })
}

describe('the troubleshooting page', () => {
  const titles = sources(['packages', 'actions']).flatMap(titlesIn)

  it('finds the titles in the sources', () => {
    expect(titles).toEqual(expect.arrayContaining(['Input error', 'Unexpected error', 'Change …: rejected']))
  })

  it.each([...new Set(titles)])('has "%s"', title => {
    const parts = title.split('…').map(part => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    expect(isExplained(title) || TITLES.some(one => new RegExp(`^${parts.join('.+')}$`).test(one))).toBe(true)
  })

  it('has the titles of the reusable workflows', () => {
    const printed = reusableWorkflows().flatMap(({ content }) =>
      [...content.matchAll(/::error title=([^:\n]+)::/g)].map(([, title = '']) => title)
    )
    expect(new Set(printed).size).toBeGreaterThan(2)
    expect(printed.filter(title => !isExplained(title))).toEqual([])
  })

  it('has one anchor for each code, which annotations link to', () => {
    expect([...ANCHORS].sort()).toEqual([...Object.keys(EXPLANATIONS), 'defect'].sort())
  })

  it('has not what no code can print', () => {
    for (const title of ['Change CHG0030001: eaten', 'ServiceNow 418: a teapot', 'Input errors', 'Anything'])
      expect(isExplained(title)).toBe(false)
  })
})

/** Sources that run in a step: neither tests nor the sandbox. */
function sources(folders: readonly string[]): string[] {
  return folders.flatMap(folder =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .map(name => `${folder}/${name}`)
      .filter(name => /\/src\/.*\.ts$/.test(name) && !/\.test\.ts$|\/testing\/|packages\/sandbox/.test(name))
  )
}

/** Literals in the form of a title; what is filled in becomes `…`. A title that is all filled in is typed instead. */
function titlesIn(file: string): string[] {
  const literals = read(file).matchAll(
    /(['`])((?:Change\b[^'`\n]*?: |ServiceNow\b[^'`\n]*?: )[^'`\n]+|(?:Input|Unexpected) error)\1/g
  )
  return [...literals]
    .map(([, , text = '']) => text.replace(/\$?\{[^}]*\}/g, '…'))
    .filter(title => !title.endsWith(': …') && !title.startsWith('Change-'))
}

describe('the endpoints of docs/security.md', () => {
  it('are each known by their own method and path', () => {
    const all = ENDPOINT_GROUPS.flatMap(group => group.endpoints)
    for (const one of all) expect(endpointOf(one.method, one.path.replace(/\{\w+\}/g, 'x1'))).toBe(one)
    expect(new Set(all.map(one => `${one.method} ${one.path}`)).size).toBe(all.length)
  })

  it('are those of the path without a version, too', () => {
    const path = '/api/sn_chg_rest/v1/change/x1/task'
    expect(endpointOf('GET', path.replace('/v1', ''))).toBe(endpointOf('GET', path))
  })

  it.each([
    ['PATCH', '/api/sn_chg_rest/change/x1/approvals'],
    ['DELETE', '/api/now/attachment/x1'],
    ['PATCH', '/api/sn_chg_rest/v1/change/x1/approvals'],
    ['GET', '/api/now/table/sys_properties'],
    ['GET', '/api/now/table/change_request/x1/more']
  ])('do not hold %s %s', (method, path) => expect(endpointOf(method, path)).toBeUndefined())
})
