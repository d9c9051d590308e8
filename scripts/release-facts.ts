/** What a release has to agree on, and which tags follow it. No input or output here: see release.ts. */

export interface Version {
  readonly text: string
  readonly numbers: readonly [major: number, minor: number, patch: number]
  readonly prerelease: boolean
}

const NUMBER = '(0|[1-9]\\d*)'
const TAG = new RegExp(`^v(${NUMBER}\\.${NUMBER}\\.${NUMBER}(-[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?)$`)

/** `v1.2.3` or `v1.2.3-rc.1`; undefined for anything else, the moving tags `v1` and `v1.2` included. */
export function versionOf(tag: string): Version | undefined {
  const [, text, major, minor, patch, prerelease] = TAG.exec(tag) ?? []
  if (text === undefined) return undefined
  return {
    text,
    numbers: [Number(major), Number(minor), Number(patch)],
    prerelease: prerelease !== undefined
  }
}

/** The part of CHANGELOG.md about one version: below its heading, without the links at the end of the file. */
export function changelogSection(
  changelog: string,
  version: string
): { date: string; text: string } | undefined {
  for (const section of changelog.split(/^(?=## \[)/m)) {
    const [heading = '', ...lines] = section.split('\n')
    const [, name, date] = /^## \[([^\]]+)\] - (\d{4}-\d{2}-\d{2})$/.exec(heading) ?? []
    if (name !== version || date === undefined) continue
    const text = lines.filter(line => !/^\[[^\]]+\]: \S+$/.test(line)).join('\n')
    return { date, text: text.trim() }
  }
  return undefined
}

/** Why this tag cannot be released; empty when it can. `versions` are those of the manifests, by file. */
export function problemsOf(
  tag: string,
  versions: Readonly<Record<string, string | undefined>>,
  changelog: string
): string[] {
  const version = versionOf(tag)
  if (version === undefined) return [`${tag} is not a version tag such as v1.2.3 or v1.2.3-rc.1.`]
  const others = Object.entries(versions).filter(([, one]) => one !== version.text)
  const problems = others.map(([file, one]) => `${file} has version ${one ?? '(none)'}, the tag is ${tag}.`)
  const section = changelogSection(changelog, version.text)
  if (section === undefined)
    problems.push(`CHANGELOG.md has no heading "## [${version.text}] - <yyyy-mm-dd>".`)
  else if (section.text === '') problems.push(`CHANGELOG.md says nothing about ${version.text}.`)
  return problems
}

/** Whether it becomes the release that people are shown first: no released version is higher. */
export function isLatest(version: Version, tags: readonly string[]): boolean {
  return !version.prerelease && isHighest(version, tags, 0)
}

/**
 * The tags to move, the one most people use last. A pre-release moves none; a fix of an older version leaves the
 * tags of the newer ones where they are.
 */
export function movingTags(version: Version, tags: readonly string[]): string[] {
  if (version.prerelease) return []
  const [major, minor] = version.numbers
  const moving = [`v${major}.${minor}`, `v${major}`]
  return moving.filter((_, index) => isHighest(version, tags, 2 - index))
}

/** No released version is higher among those whose first `same` numbers are equal. */
function isHighest(version: Version, tags: readonly string[], same: number): boolean {
  const key = (one: Version) => one.numbers.slice(0, same).join('.')
  return tags
    .flatMap(tag => versionOf(tag) ?? [])
    .filter(one => !one.prerelease && key(one) === key(version))
    .every(one => compare(one.numbers, version.numbers) <= 0)
}

function compare(one: readonly number[], other: readonly number[]): number {
  const index = one.findIndex((number, at) => number !== other[at])
  return index < 0 ? 0 : (one[index] ?? 0) - (other[index] ?? 0)
}

/** Runtime dependencies that an SBOM (CycloneDX) does not list at the version they are pinned to. */
export function missingFromSbom(
  sbom: { readonly components: readonly { readonly 'bom-ref': string }[] },
  dependencies: Readonly<Record<string, string>>
): string[] {
  const listed = new Set(sbom.components.map(component => component['bom-ref']))
  return Object.entries(dependencies)
    .map(([name, version]) => `${name}@${version}`)
    .filter(one => !listed.has(one))
}
