// @actions/http-client imports undici at its top for one function, getAgentDispatcher(), which only
// octokit calls. No action here calls it: requests to ServiceNow go through node:http(s), proxies
// included. The real package would be four fifths of the bundle and a third of a step's start-up.
class ProxyAgent {
  constructor() {
    throw new Error('undici is not part of this bundle: use an http(s) agent for proxies')
  }
}

module.exports = { ProxyAgent, fetch: globalThis.fetch }
