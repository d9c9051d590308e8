import type { Scope } from './types.ts'

/** Removes what ES5 does not have from the realm, so that a script that needs it fails here as on the platform. */
export function keepEs5(scope: Scope): void {
  const kept: Record<string, string> = {
    Object:
      'length name prototype create defineProperties defineProperty freeze getOwnPropertyDescriptor getOwnPropertyNames getPrototypeOf isExtensible isFrozen isSealed keys preventExtensions seal extendsObject',
    Array: 'length name prototype isArray',
    String: 'length name prototype fromCharCode',
    Number: 'length name prototype MAX_VALUE MIN_VALUE NEGATIVE_INFINITY NaN POSITIVE_INFINITY',
    Math: 'E LN10 LN2 LOG10E LOG2E PI SQRT1_2 SQRT2 abs acos asin atan atan2 ceil cos exp floor log max min pow random round sin sqrt tan'
  }
  const keptOfPrototype: Record<string, string> = {
    Array:
      'length constructor concat every filter forEach indexOf join lastIndexOf map pop push reduce reduceRight reverse shift slice some sort splice toLocaleString toString unshift',
    String:
      'length constructor charAt charCodeAt concat indexOf lastIndexOf localeCompare match replace search slice split substr substring toLocaleLowerCase toLocaleString toLocaleUpperCase toLowerCase toString toUpperCase trim valueOf'
  }
  const removed =
    'Promise Map Set WeakMap WeakSet WeakRef FinalizationRegistry Symbol Proxy Reflect Intl Atomics SharedArrayBuffer ArrayBuffer DataView WebAssembly BigInt BigInt64Array BigUint64Array Float32Array Float64Array Float16Array Int8Array Int16Array Int32Array Uint8Array Uint8ClampedArray Uint16Array Uint32Array Iterator AggregateError SuppressedError DisposableStack AsyncDisposableStack globalThis console escape unescape'
  const reduce = (object: Record<string, unknown>, names: string) => {
    const allowed = names.split(' ')
    for (const name of Object.getOwnPropertyNames(object)) {
      if (allowed.indexOf(name) < 0) delete object[name]
    }
  }
  for (const name of Object.keys(keptOfPrototype)) {
    const { prototype } = scope[name] as { prototype: Record<string, unknown> }
    reduce(prototype, keptOfPrototype[name] as string)
  }
  const names = Object.keys(kept)
  for (const name of removed.split(' ')) delete scope[name]
  for (const name of names) reduce(scope[name] as Record<string, unknown>, kept[name] as string)
}
