import { describe, expect, it } from '@jest/globals'
import { ProxyVariableError, proxyOf } from './proxy.ts'

const NAME = 'https://sn.example.test'
const of = (https_proxy: string) => proxyOf(NAME, { https_proxy })

describe('https_proxy', () => {
  it.each([
    ['http://proxy.corp:3128', 'http://proxy.corp:3128/'],
    ['proxy.corp:3128', 'http://proxy.corp:3128/'],
    ['localhost:3128', 'http://localhost:3128/'],
    ['10.0.0.1:3128', 'http://10.0.0.1:3128/'],
    ['[fe80::1]:3128', 'http://[fe80::1]:3128/'],
    [' proxy.corp:3128\n', 'http://proxy.corp:3128/'],
    ['proxy', 'http://proxy/'],
    ['HTTPS://proxy.corp:3128/', 'https://proxy.corp:3128/'],
    ['http://proxy.corp:3128/anything', 'http://proxy.corp:3128/'],
    ['me:secret@proxy.corp:3128', 'http://me:secret@proxy.corp:3128/'],
    ['http://me@proxy.corp:3128', 'http://me@proxy.corp:3128/'],
    ['http://me%40corp:p%3Ass@proxy.corp:3128', 'http://me%40corp:p%3Ass@proxy.corp:3128/'],
    ['http://me:100%@proxy.corp:3128', 'http://me:100%25@proxy.corp:3128/'],
    ['http://me:a%zz@proxy.corp:3128', 'http://me:a%25zz@proxy.corp:3128/'],
    ['http://me:p%E9@proxy.corp:3128', 'http://me:p%E9@proxy.corp:3128/'],
    ['http://me:p@ss:w@proxy.corp:3128', 'http://me:p%40ss%3Aw@proxy.corp:3128/'],
    ['http://CORP\\me:secret@proxy.corp:3128', 'http://CORP%5Cme:secret@proxy.corp:3128/'],
    ['http://grün:ß@proxy.corp:3128', 'http://gr%C3%BCn:%C3%9F@proxy.corp:3128/']
  ])('%s is read as curl reads it', (text, address) => expect(of(text)).toBe(address))

  it.each([
    ['socks5://proxy.corp:1080', /kind socks5:\/\/ are not supported/],
    ['http://', /no valid host and port/],
    ['http://proxy.corp:99999', /no valid host and port/],
    ['http://proxy.corp:0', /no valid host and port/],
    ['http://proxy.corp:port', /no valid host and port/],
    ['http:/proxy.corp:3128', /written as %2F/],
    ['http://proxy corp:3128', /no valid host and port/],
    ['"http://proxy.corp:3128"', /no valid host and port|written as %2F/],
    ['a.corp:1,b.corp:2', /no valid host and port/],
    ['http://me:hunter/2@proxy.corp:3128', /written as %2F/],
    ['http://me:12#hunter@proxy.corp:3128', /written as %2F, %3F and %23/]
  ])('%s cannot be understood, and nothing of it is shown', (text, why) => {
    expect(() => of(text)).toThrow(why)
    expect(() => of(text)).toThrow(ProxyVariableError)
    expect(() => of(text)).toThrow(/^https_proxy cannot be understood: /)
    expect(() => of(text)).not.toThrow(/hunter/)
  })

  it('is read in either case, the lower one first; an empty one is none', () => {
    expect(proxyOf(NAME, { HTTPS_PROXY: 'b:2' })).toBe('http://b:2/')
    expect(proxyOf(NAME, { https_proxy: 'a:1', HTTPS_PROXY: 'b:2' })).toBe('http://a:1/')
    expect(proxyOf(NAME, { https_proxy: ' ', HTTPS_PROXY: 'b:2' })).toBe('http://b:2/')
    expect(() => proxyOf(NAME, { HTTPS_PROXY: 'ftp://b' })).toThrow(/^HTTPS_PROXY/)
    expect(proxyOf(NAME, { http_proxy: 'a:1' })).toBe('')
    expect(proxyOf(NAME, {})).toBe('')
  })

  it.each(['http://localhost:8080', 'http://127.0.0.1:8080', 'https://[::1]:8443'])(
    'is not for %s',
    origin => {
      expect(proxyOf(origin, { https_proxy: 'a:1', http_proxy: 'a:1' })).toBe('')
    }
  )
})

describe('no_proxy', () => {
  const direct = (no_proxy: string, origin = NAME) =>
    proxyOf(origin, { https_proxy: 'proxy:1', no_proxy }) === ''

  it.each([
    ['sn.example.test'],
    ['SN.Example.Test'],
    ['example.test'],
    ['.example.test'],
    ['*.example.test'],
    ['..example.test.'],
    ['*'],
    ['*.test'],
    ['sn.*.test'],
    ['*n*.ex*le.*t'],
    ['other.test, example.test'],
    ['other.test example.test'],
    [' ,other.test,,\texample.test, '],
    ['sn.example.test:443'],
    ['example.test:0443']
  ])('%s holds sn.example.test', text => expect(direct(text)).toBe(true))

  it.each([
    ['ample.test'],
    ['*ample.tes'],
    ['sn.example.test:8443'],
    ['sn.example'],
    ['a.sn.example.test'],
    ['snXexample.test'],
    ['localhost,127.0.0.1,::1,[::1]:80,10.0.0.0/8'],
    ['']
  ])('%s does not', text => expect(direct(text)).toBe(false))

  it('holds addresses and networks', () => {
    const ip = 'https://10.1.2.3'
    expect(direct('10.0.0.0/8', ip)).toBe(true)
    expect(direct('10.1.2.3/32', ip)).toBe(true)
    expect(direct('10.*', ip)).toBe(true)
    expect(direct('192.168.0.0/16', ip)).toBe(false)
    expect(direct('10.0.0.0/8')).toBe(false)
    const six = 'https://[fd00::17]:8443'
    expect(direct('fd00::17', six)).toBe(true)
    expect(direct('fd00:0:0::17', six)).toBe(true)
    expect(direct('[fd00::17]:8443', six)).toBe(true)
    expect(direct('[fd00::17]:443', six)).toBe(false)
    expect(direct('fd00::/8', six)).toBe(true)
    expect(direct('10.0.0.0/8', six)).toBe(false)
  })

  it('may have names in other letters', () => {
    expect(direct('grün.example', 'https://sn.grün.example')).toBe(true)
  })

  it.each(['<local>', 'https://sn.example.test', 'a;b', 'a|b', '10.0.0.0/33', 'host:port', 'a/b'])(
    '%s cannot be understood, in whichever place, and is named',
    item => {
      expect(() => direct(`example.test,${item}`)).toThrow(`no_proxy cannot be understood: "${item}" is not`)
    }
  )

  it('is read in either case, and not at all without a proxy', () => {
    expect(proxyOf(NAME, { https_proxy: 'proxy:1', NO_PROXY: 'example.test' })).toBe('')
    expect(proxyOf(NAME, { no_proxy: '<local>' })).toBe('')
  })
})
