/**
 * undici for the tests: loaded when something of it is used. The toolkit requires it wherever its core is loaded, and
 * every test file would compile it anew.
 */
const path = require.resolve('../node_modules/undici/index.js')

for (const name of ['fetch', 'ProxyAgent'])
  Object.defineProperty(module.exports, name, { enumerable: true, get: () => require(path)[name] })
