export type { Allowed, AllowedInputs } from './allowed.ts'
export { type InputError, type InputFacts, inputError, isInputError } from './error.ts'
export {
  field,
  type Input,
  type InputKind,
  type InputMeta,
  inputMeta,
  kebab,
  type Meta,
  notThis,
  Refusal,
  type Shape,
  type Values
} from './field.ts'
export { lines, listOf } from './lists.ts'
export { type Field, fieldsOf } from './read.ts'
export {
  type Derived,
  type Resolved,
  type ResolveOptions,
  type Rules,
  resolveInputs,
  type Sources
} from './resolve.ts'
export { restoreValues, savedValues } from './saved.ts'
export { type Bounds, boolean, integer, oneOf, requiredText, text } from './scalars.ts'
export type { Layer, PolicySource, Source } from './source.ts'
export {
  type DateInput,
  type DurationBounds,
  dateTime,
  duration,
  formatDuration,
  parseDuration,
  pastTime,
  resolveDate
} from './time.ts'
export { readYaml, readYamlFile, type YamlFile, yamlList, yamlMap } from './yaml.ts'
