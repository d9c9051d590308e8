import { type CreateInputs, REFERENCE_FIELDS } from '../input-sets/create.ts'
import { kebab } from '../inputs/field.ts'

/** sys_ids by name, by input (`assignment-group`), as a policy holds them under `names`. */
export type KnownNames = Readonly<Record<string, Readonly<Record<string, string>>>>

/** Inputs that name a record, by the field that shows it; a template is compared when it is read. */
const FIELDS = {
  ...REFERENCE_FIELDS,
  parentChange: 'parent',
  changeModel: 'chg_model',
  standardChangeTemplate: 'template'
} as const

/**
 * Puts sys_ids in the place of the names that are known.
 *
 * @returns the inputs, and by field the names that the record which is written must show
 */
export function withSysIds(
  inputs: CreateInputs,
  names: KnownNames
): { readonly inputs: CreateInputs; readonly known: Readonly<Record<string, string>> } {
  const found = (Object.keys(FIELDS) as (keyof typeof FIELDS)[]).flatMap(key => {
    const [name, ofInput] = [inputs[key], names[kebab(key)]]
    if (name === undefined || ofInput === undefined || !Object.hasOwn(ofInput, name)) return []
    return [{ key, name, sysId: (ofInput[name] as string).toLowerCase() }]
  })
  return {
    inputs: { ...inputs, ...Object.fromEntries(found.map(({ key, sysId }) => [key, sysId])) },
    known: Object.fromEntries(found.map(({ key, name }) => [FIELDS[key], name]))
  }
}
