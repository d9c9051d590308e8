import type { Facts, Host, Records, Scope } from './types.ts'

/** Defines `gs`, `Class`, and the small classes for text, digests and keys. Returns the messages for the user. */
export function installSystem(scope: Scope, host: Host, facts: Facts, records: Records): string[] {
  const messages: string[] = []
  const text = (value: unknown) => (value === null || value === undefined ? '' : String(value))
  const format = (message: unknown, parts: unknown[]) =>
    text(message).replace(/\{(\d)\}/g, (all, digit) =>
      Number(digit) < parts.length ? text(parts[Number(digit)]) : all
    )
  const log =
    (level: string) =>
    (message: unknown, ...parts: unknown[]) =>
      void host('log', { level, message: format(message, parts), source: facts.scope })
  const plain = (level: string) => (message: unknown) =>
    void host('log', { level, message: text(message), source: facts.scope })
  const nil = (value: unknown) => value === null || value === undefined || String(value) === ''
  const roles = facts.user.roles
  const hasRole = (role: unknown) =>
    roles.indexOf('admin') >= 0 ||
    text(role)
      .split(',')
      .some(one => roles.indexOf(one.trim()) >= 0)
  const queue = (name: unknown, record: unknown, parm1: unknown, parm2: unknown, delayMs: number) => {
    const at = records.isRecord(record) ? { table: record.getTableName(), id: record.getUniqueValue() } : {}
    host('event', { name: text(name), parm1: text(parm1), parm2: text(parm2), delayMs, ...at })
  }
  const session = {
    isInteractive: () => false,
    isLoggedIn: () => true,
    getUserName: () => facts.user.userName
  }
  const user = {
    getID: () => facts.user.id,
    getName: () => facts.user.userName,
    getDisplayName: () => facts.user.name,
    hasRole
  }

  scope.gs = {
    info: log('info'),
    warn: log('warn'),
    error: log('error'),
    debug: log('debug'),
    // The levels of the global scope.
    log: plain('info'),
    print: plain('info'),
    logError: plain('error'),
    logWarning: plain('warn'),
    isDebugging: () => false,
    isInteractive: () => false,
    isLoggedIn: () => true,
    getProperty: (name: string, alternative: unknown = null) => {
      const value = host('property', { name })
      return value === null || value === '' ? alternative : value
    },
    setProperty: (name: string, value: unknown) => void host('setProperty', { name, value: text(value) }),
    getUserID: () => facts.user.id,
    getUserName: () => facts.user.userName,
    getUserDisplayName: () => facts.user.name,
    getUser: () => user,
    getSession: () => session,
    hasRole,
    nil,
    generateGUID: () => host('guid'),
    getCurrentScopeName: () => facts.scope,
    getMessage: (id: unknown, parts: unknown[] = []) => format(id, parts),
    tableExists: (table: string) => host('fields', { table }) !== null,
    addErrorMessage: (message: unknown) => void messages.push(text(message)),
    addInfoMessage: () => {},
    base64Encode: (source: unknown) => host('base64', { text: text(source) }),
    base64Decode: (source: unknown) => host('fromBase64', { text: text(source) }),
    urlEncode: (source: unknown) => encodeURIComponent(text(source)),
    urlDecode: (source: string) => decodeURIComponent(source),
    eventQueue: (name: unknown, record: unknown, parm1: unknown, parm2: unknown) =>
      queue(name, record, parm1, parm2, 0),
    eventQueueScheduled: (name: unknown, record: unknown, parm1: unknown, parm2: unknown, at: unknown) =>
      queue(name, record, parm1, parm2, Number(host('msUntil', { at: text(at) }))),
    include: () => true
  }

  scope.Class = {
    create: () =>
      function Created(this: { initialize?: (...args: unknown[]) => void }, ...args: unknown[]) {
        if (this.initialize) this.initialize(...args)
      }
  }
  Object.defineProperty(Object, 'extendsObject', {
    value: (parent: { prototype: object }, members: object) => {
      const prototype = Object.create(parent.prototype)
      for (const name of Object.keys(members)) prototype[name] = (members as Record<string, unknown>)[name]
      return prototype
    }
  })

  class CertificateEncryption {
    generateMac(key: string, algorithm: string, data: string): unknown {
      return host('mac', { key: text(key), algorithm: text(algorithm), data: text(data) })
    }
  }
  scope.CertificateEncryption = CertificateEncryption
  scope.GlideCertificateEncryption = CertificateEncryption

  const digest = (algorithm: string, encoding: string) => (source: unknown) =>
    host('digest', { algorithm, encoding, text: text(source) })
  scope.GlideDigest = function GlideDigest(this: Record<string, unknown>) {
    for (const [name, algorithm] of [
      ['MD5', 'md5'],
      ['SHA1', 'sha1'],
      ['SHA256', 'sha256']
    ]) {
      this[`get${name}Hex`] = digest(algorithm as string, 'hex')
      this[`get${name}Base64`] = digest(algorithm as string, 'base64')
    }
  }

  const entities: Record<string, string> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;'
  }
  const stringUtil = {
    escapeHTML: (source: unknown) => text(source).replace(/[&<>"']/g, one => entities[one] as string),
    escapeQueryTermSeparator: (source: unknown) => text(source).replace(/\^/g, '^^'),
    isEligibleSysID: (source: unknown) => /^[0-9a-f]{32}$/.test(text(source)),
    isBase64: (source: unknown) =>
      /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text(source)),
    urlEncode: (source: unknown) => encodeURIComponent(text(source)),
    base64Encode: (source: unknown) => host('base64', { text: text(source) }),
    base64Decode: (source: unknown) => host('fromBase64', { text: text(source) }),
    nil
  }
  scope.GlideStringUtil = stringUtil

  // A script include is compiled when it is first named.
  const includes: Record<string, unknown> = Object.create(null)
  const own = (facts.scope === 'global' ? scope : {}) as Scope
  for (const name of Object.keys(facts.includes)) {
    const get = () => {
      if (!(name in includes)) {
        // biome-ignore lint/security/noGlobalEval: the script of an application, in its own realm
        const compile = eval
        includes[name] = compile(`${facts.includes[name]}\n;${name}`)
      }
      return includes[name]
    }
    const set = (value: unknown) => {
      includes[name] = value
    }
    Object.defineProperty(scope, name, { configurable: true, get, set })
    if (own !== scope) Object.defineProperty(own, name, { get })
  }
  if (own !== scope) scope[facts.scope] = own
  scope.global = scope
  return messages
}
