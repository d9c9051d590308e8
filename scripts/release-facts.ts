/** The checks of a release and the tags to move. Pure functions: input and output are in release.ts. */

export interface Version {
  /** Without the `v` of the tag. */
  readonly text: string
  readonly numbers: readonly [major: number, minor: number, patch: number]
  readonly prerelease: boolean
}

const NUMBER = '(0|[1-9]\\d*)'
const TAG = new RegExp(`^v(${NUMBER}\\.${NUMBER}\\.${NUMBER}(-[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?)$`)

/** The version of a tag such as `v1.2.3` or `v1.2.3-rc.1`; undefined for other tags, also for `v1` and `v1.2`. */
export function versionOf(tag: string): Version | undefined {
  const [, text, major, minor, patch, prerelease] = TAG.exec(tag) ?? []
  if (text === undefined) return undefined
  return {
    text,
    numbers: [Number(major), Number(minor), Number(patch)],
    prerelease: prerelease !== undefined
  }
}

/** The section of a version in CHANGELOG.md, without its heading and without link definitions. */
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

/**
 * The reasons why a tag cannot be released; empty when it can.
 *
 * @param versions versions of the manifests, by file
 * @param changelog content of CHANGELOG.md
 */
export function problemsOf(
  tag: string,
  versions: Readonly<Record<string, string | undefined>>,
  changelog: string
): string[] {
  const version = versionOf(tag)
  if (version === undefined) return [`${tag} is not a version tag such as v1.2.3 or v1.2.3-rc.1.`]
  const different = Object.entries(versions).filter(([, one]) => one !== version.text)
  const problems = different.map(
    ([file, one]) => `${file} has version ${one ?? '(none)'}, the tag is ${tag}.`
  )
  const section = changelogSection(changelog, version.text)
  if (section === undefined)
    problems.push(`CHANGELOG.md has no heading "## [${version.text}] - <yyyy-mm-dd>".`)
  else if (section.text === '') problems.push(`The section ${version.text} of CHANGELOG.md is empty.`)
  return problems
}

/** Whether GitHub shows the release as the latest one: no released version is higher. */
export function isLatest(version: Version, tags: readonly string[]): boolean {
  return !version.prerelease && isHighest(version, tags, 0)
}

/**
 * The tags to move to the release: `v1.2` and `v1` for `v1.2.3`, unless a released version under that tag is higher. A
 * pre-release moves none.
 */
export function movingTags(version: Version, tags: readonly string[]): string[] {
  if (version.prerelease) return []
  const [major, minor] = version.numbers
  const moving = [`v${major}.${minor}`, `v${major}`]
  return moving.filter((_, index) => isHighest(version, tags, 2 - index))
}

/** Whether no released version is higher, of those whose first `count` numbers are the same. */
function isHighest(version: Version, tags: readonly string[], count: number): boolean {
  const key = (one: Version) => one.numbers.slice(0, count).join('.')
  return tags
    .flatMap(tag => versionOf(tag) ?? [])
    .filter(one => !one.prerelease && key(one) === key(version))
    .every(one => compare(one.numbers, version.numbers) <= 0)
}

function compare(one: readonly number[], other: readonly number[]): number {
  const index = one.findIndex((number, at) => number !== other[at])
  return index < 0 ? 0 : (one[index] ?? 0) - (other[index] ?? 0)
}

/**
 * The packages of the bundles (`name@version`) that a CycloneDX SBOM does not list, each once.
 *
 * @param bundled those of all files
 */
export function missingFromSbom(
  sbom: { readonly components: readonly { readonly 'bom-ref': string }[] },
  bundled: readonly string[]
): string[] {
  const listed = new Set(sbom.components.map(component => component['bom-ref']))
  return [...new Set(bundled)].filter(one => !listed.has(one))
}
