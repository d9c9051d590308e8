// Replaces undici. @actions/http-client imports it for one function, getAgentDispatcher(), which only Octokit calls. No
// action here calls it: requests to ServiceNow, and their proxies, use node:http and node:https. The real package would
// be four fifths of the bundle, and a third of the start-up time of a step.
class ProxyAgent {
  constructor() {
    throw new Error('undici is not part of this bundle. Fix: use an http(s) agent for proxies.')
  }
}

module.exports = { ProxyAgent, fetch: globalThis.fetch }
