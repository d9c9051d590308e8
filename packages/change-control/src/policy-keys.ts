/** The keys of a policy file: their spelling, and where they stand. */

/** Input names are understood in ServiceNow's spelling too. */
export function inputName(key: string): string {
  return key.replaceAll('_', '-')
}

/** Names of environments are compared as GitHub does: upper and lower case alike; blanks around them do not count. */
export function environmentKey(name: string): string {
  return name.trim().toLowerCase()
}

/** Whether YAML content is a map. */
export function isMap(content: unknown): content is Record<string, unknown> {
  return typeof content === 'object' && content !== null && !Array.isArray(content)
}

/** A place in the file: the keys that lead to it. */
export type Path = readonly (string | number)[]

type Sections = readonly (readonly [path: readonly string[], section: Readonly<Record<string, unknown>>])[]

/** The maps whose keys are inputs. */
export function sectionsOf(content: unknown): Sections {
  if (!isMap(content)) return []
  const { defaults, enforce, names, environments } = content
  const top = Object.entries({ defaults, enforce, names }).flatMap(([key, map]) => section([key], map))
  const listed = isMap(environments) ? Object.entries(environments) : []
  return [
    ...top,
    ...listed.flatMap(([name, map]) => [
      ...section(['environments', name], map),
      ...section(['environments', name, 'enforce'], isMap(map) ? map.enforce : undefined)
    ])
  ]
}

function section(path: readonly string[], map: unknown): Sections {
  return isMap(map) ? [[path, map]] : []
}

/** Keys in the inputs' spelling; a section without content is an empty one. */
export function normalise(content: unknown): unknown {
  if (!isMap(content)) return content
  const { environments = {} } = content
  const listed = environments ?? {}
  return {
    ...content,
    ...mapKeys(content, ['defaults', 'enforce', 'names'], inputSection),
    environments: isMap(listed)
      ? Object.fromEntries(Object.entries(listed).map(([name, map]) => [name, environmentSection(map)]))
      : listed
  }
}

function environmentSection(content: unknown): unknown {
  const map = inputSection(content)
  return isMap(map) ? { ...map, ...mapKeys(map, ['enforce'], inputSection) } : map
}

function inputSection(map: unknown): unknown {
  if (map === null || map === undefined) return {}
  if (!isMap(map)) return map
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [inputName(key), value]))
}

function mapKeys(map: Record<string, unknown>, keys: readonly string[], change: (value: unknown) => unknown) {
  return Object.fromEntries(keys.map(key => [key, change(map[key])]))
}

/** The path as the file spells it, for a path in the inputs' spelling. */
export function originalPath(content: unknown, path: Path): Path {
  const found = sectionsOf(content).filter(([at]) => at.every((step, n) => step === path[n]))
  const [at, section] = found.sort(([a], [b]) => b.length - a.length)[0] ?? [[], {}]
  const key = path[at.length]
  const own = Object.keys(section).find(one => inputName(one) === key)
  return own === undefined ? path : [...at, own, ...path.slice(at.length + 1)]
}
