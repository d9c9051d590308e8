/**
 * What an action.yml is made of beside the input schema: texts for people. Only scripts and tests import this, never
 * what runs in a step.
 */
import type { Shape } from '../inputs/field.ts'
import type { Descriptions } from './descriptions.ts'

export * from './descriptions.ts'

/** An action for its users. */
export interface ActionManifest<D = Readonly<Record<string, string>>> {
  readonly name: string
  readonly description: string
  readonly author: string
  readonly branding?: { readonly icon: string; readonly color: string }
  /** Scripts, relative to the folder of the action.yml. */
  readonly runs: { readonly using: 'node24'; readonly main: string; readonly post?: string }
  /** A description of each input, by its key in the schema, in the order in which users read them. */
  readonly inputs: D
  /** A description of each output, by its name. */
  readonly outputs: Readonly<Record<string, string>>
}

/** A manifest together with the schema it describes. */
export interface DescribedAction {
  readonly shape: Shape
  readonly manifest: ActionManifest
}

/** Descriptions of no other inputs: a spread would bring in superfluous ones unnoticed. */
type Exactly<S extends Shape, D> = Descriptions<S> & { readonly [K in Exclude<keyof D, keyof S>]: never }

/** Puts a schema and its texts together. An input without a description does not compile, nor one that is not there. */
export function describeAction<S extends Shape, const D extends Descriptions<S>>(
  shape: S,
  manifest: ActionManifest<D & Exactly<S, D>>
): DescribedAction {
  return { shape, manifest }
}
