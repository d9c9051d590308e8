// undici takes the parser without SIMD then.
throw new Error('this parser is not part of the bundle: see scripts/toolkit-stubs')
