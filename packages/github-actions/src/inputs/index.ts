export { InputError } from './error.ts'
export {
  field,
  type Input,
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
export { type ParseOptions, parseInputs, type Rules } from './parse.ts'
export { inputVariable, readInput, secretValues } from './read.ts'
export { type Bounds, boolean, integer, oneOf, requiredText, text } from './scalars.ts'
export {
  type DateInput,
  type DurationBounds,
  dateTime,
  duration,
  formatDuration,
  parseDuration,
  resolveDate
} from './time.ts'
export { readYaml, readYamlFile, type YamlFile, yamlList, yamlMap } from './yaml.ts'
