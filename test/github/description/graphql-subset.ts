import {
  type DefinitionNode,
  type FieldDefinitionNode,
  type InputValueDefinitionNode,
  Kind,
  type NamedTypeNode,
  parse,
  print,
  stripIgnoredCharacters,
  type TypeNode,
  visit
} from 'graphql'

/** A part of a GraphQL schema. */
export interface GraphqlSubset {
  /** The schema language, a definition a line, without descriptions. */
  readonly sdl: string
  /** By type: fields that GitHub has, and this subset has not. */
  readonly leftOut: Readonly<Record<string, readonly string[]>>
}

function nameOf(type: TypeNode): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : nameOf(type.type)
}

function isComposite(node: DefinitionNode): boolean {
  return (
    node.kind === Kind.OBJECT_TYPE_DEFINITION ||
    node.kind === Kind.INTERFACE_TYPE_DEFINITION ||
    node.kind === Kind.UNION_TYPE_DEFINITION
  )
}

/** Descriptions and directives say nothing that is executed. */
function bare(source: string): DefinitionNode[] {
  const document = visit(parse(source, { noLocation: true }), {
    enter: node => ('description' in node ? { ...node, description: undefined } : undefined),
    Directive: () => null
  })
  return [...document.definitions]
}

/**
 * Keeps the composite types named, and the scalars, enums and input types that their fields refer to.
 * @throws Error for a type that the schema does not have
 */
export function graphqlSubsetOf(source: string, types: readonly string[]): GraphqlSubset {
  const all = new Map(
    bare(source).flatMap(node => ('name' in node && node.name ? [[node.name.value, node]] : []))
  )
  const composites = new Set(types)
  const leftOut: Record<string, string[]> = {}
  const kept = new Map<string, DefinitionNode>()
  const keep = (name: string): void => {
    const node = all.get(name)
    if (kept.has(name) || BUILT_IN.has(name)) return
    if (node === undefined) throw new Error(`the schema has no type ${name}`)
    const narrowed = narrow(node, composites, all, leftOut)
    kept.set(name, narrowed)
    for (const needed of scalarsOf(narrowed, all)) keep(needed)
  }
  for (const name of types) keep(name)
  const sdl = [...kept.keys()]
    .sort()
    .map(name => stripIgnoredCharacters(print(kept.get(name) as DefinitionNode)))
  return { sdl: `${sdl.join('\n')}\n`, leftOut: Object.fromEntries(Object.entries(leftOut).sort()) }
}

const BUILT_IN = new Set(['Int', 'Float', 'String', 'Boolean', 'ID'])

function narrow(
  node: DefinitionNode,
  composites: ReadonlySet<string>,
  all: ReadonlyMap<string, DefinitionNode>,
  leftOut: Record<string, string[]>
): DefinitionNode {
  const among = (type: NamedTypeNode) => composites.has(type.name.value)
  if (node.kind === Kind.UNION_TYPE_DEFINITION) return { ...node, types: (node.types ?? []).filter(among) }
  if (node.kind !== Kind.OBJECT_TYPE_DEFINITION && node.kind !== Kind.INTERFACE_TYPE_DEFINITION) return node
  const has = (field: FieldDefinitionNode) => {
    const target = all.get(nameOf(field.type))
    return target === undefined || !isComposite(target) || composites.has(nameOf(field.type))
  }
  const fields = node.fields ?? []
  const missing = fields.filter(field => !has(field)).map(field => field.name.value)
  if (missing.length > 0) leftOut[node.name.value] = missing.sort()
  return { ...node, interfaces: (node.interfaces ?? []).filter(among), fields: fields.filter(has) }
}

/** The types of fields and arguments that are not composite. */
function scalarsOf(node: DefinitionNode, all: ReadonlyMap<string, DefinitionNode>): string[] {
  if (!('fields' in node) || node.fields === undefined) return []
  const fields = node.fields as readonly (FieldDefinitionNode | InputValueDefinitionNode)[]
  return fields
    .flatMap(field => [
      field.type,
      ...('arguments' in field ? (field.arguments ?? []).map(one => one.type) : [])
    ])
    .map(nameOf)
    .filter(name => {
      const target = all.get(name)
      return target !== undefined && !isComposite(target)
    })
}
