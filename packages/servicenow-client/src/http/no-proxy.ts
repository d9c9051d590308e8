/** `no_proxy`: the hosts that are reached without a proxy. */
import { BlockList, isIP } from 'node:net'

/**
 * Whether a host is among those of `no_proxy`. Items are separated by commas or blanks. A name stands for itself and
 * all names below it, with or without a dot or `*.` in front; `*` stands for any characters; a port limits it to that
 * port; a network (`10.0.0.0/8`) holds addresses.
 *
 * @param refuse is handed an item that is none of these, and throws
 */
export function isNoProxy(text: string, url: URL, refuse: (item: string) => never): boolean {
  const items = text.split(/[\s,]+/).filter(item => item !== '')
  // Every item is read: a mistake shows whatever the order.
  return items.map(item => ruleOf(item) ?? refuse(item)).some(matches => matches(hostOf(url), portOf(url)))
}

type Rule = (host: string, port: string) => boolean

function ruleOf(item: string): Rule | undefined {
  const network = networkOf(item)
  if (network !== undefined) return network
  const bare =
    isIP(item) === 6 ? [item, item] : /^(?:\[([0-9a-f:.]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/i.exec(item)
  const [, address, name, port] = bare ?? []
  if (address !== undefined) return isIP(address) === 6 ? atPort(sameAddress(address), port) : undefined
  const domain = name
    ?.toLowerCase()
    .replace(/^\*?\.+/, '')
    .replace(/\.$/, '')
  if (domain === undefined || !/^[\p{L}\p{N}_.*-]+$/u.test(domain)) return undefined
  const parts = toAscii(domain).split('*')
  return atPort(host => isBelow(parts, host), port)
}

/** Whether a host, or the end of it from a dot on, has these parts in their order, the last one at its end. */
function isBelow([first = '', ...parts]: readonly string[], host: string): boolean {
  const whole = `.${host}`
  const last = parts.pop()
  if (last === undefined) return whole.endsWith(`.${first}`)
  let at = 0
  for (const part of [`.${first}`, ...parts]) {
    const found = whole.indexOf(part, at)
    if (found < 0) return false
    at = found + part.length
  }
  return whole.length - last.length >= at && whole.endsWith(last)
}

function atPort(matches: (host: string) => boolean, port: string | undefined): Rule {
  return (host, actual) => (port === undefined || Number(port) === Number(actual)) && matches(host)
}

function networkOf(item: string): Rule | undefined {
  const [, address = '', bits] = /^\[?([0-9a-f:.]+)\]?\/(\d{1,3})$/i.exec(item) ?? []
  const family = isIP(address)
  if (family === 0 || Number(bits) > (family === 4 ? 32 : 128)) return undefined
  const list = new BlockList()
  list.addSubnet(address, Number(bits), family === 4 ? 'ipv4' : 'ipv6')
  return host => isIP(host) === family && list.check(host, family === 4 ? 'ipv4' : 'ipv6')
}

function sameAddress(address: string): (host: string) => boolean {
  const list = new BlockList()
  list.addAddress(address, 'ipv6')
  return host => isIP(host) === 6 && list.check(host, 'ipv6')
}

/** A name in other letters as URL has it; `*` is no letter of a host there. */
function toAscii(domain: string): string {
  if (domain.includes('*')) return domain
  try {
    return new URL(`http://${domain}`).hostname
  } catch {
    return domain
  }
}

function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '')
}

function portOf({ port, protocol }: URL): string {
  if (port !== '') return port
  return protocol === 'https:' ? '443' : '80'
}
