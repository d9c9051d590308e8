const Dispatcher = require('./lib/dispatcher/dispatcher')

// ProxyAgent opens its tunnels with it.
Dispatcher.prototype.connect = require('./lib/api/api-connect')

module.exports.fetch = require('./lib/web/fetch').fetch
module.exports.ProxyAgent = require('./lib/dispatcher/proxy-agent')
