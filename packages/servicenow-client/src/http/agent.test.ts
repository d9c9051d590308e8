import { describe, expect, it } from '@jest/globals'
import { hasOpenssl } from '../testing/certificates.ts'
import { problemOf } from '../testing/options.ts'
import { useTls } from '../testing/secure.ts'
import type { TlsOptions } from './agent.ts'

const withOpenssl = hasOpenssl() ? describe : describe.skip
const { instance, read, certificates } = useTls()

withOpenssl('TLS', () => {
  /** Asserts that the connection fails in TLS and is not tried again. @returns the system's message */
  async function refused(
    code: 'tls' | 'client-certificate',
    origin: string,
    tls: TlsOptions = {}
  ): Promise<string> {
    const { change, options } = read(origin, tls)
    const { facts } = await problemOf(code, change)
    expect(facts.status).toBe('TLS')
    expect(options.pauses).toEqual([])
    return facts.message ?? ''
  }

  it('trusts an additional CA certificate', async () => {
    const { port } = await instance(certificates().server)
    const { change } = read(`https://localhost:${port}`, { ca: certificates().ca })
    await expect(change).resolves.toMatchObject({ number: 'CHG0030001' })
  })

  it('says which host has a certificate of an unknown authority', async () => {
    const { port } = await instance(certificates().server)
    expect(await refused('tls', `https://localhost:${port}`)).toMatch(
      new RegExp(`^localhost:${port}: unable to (verify the first|get local issuer)`)
    )
  })

  it('says that a certificate has expired', async () => {
    const { port } = await instance(certificates().expired)
    const message = await refused('tls', `https://localhost:${port}`, { ca: certificates().ca })
    expect(message).toContain('certificate has expired')
  })

  it('says for which host a certificate of another host is', async () => {
    const { port } = await instance(certificates().other)
    const message = await refused('tls', `https://localhost:${port}`, { ca: certificates().ca })
    expect(message).toMatch(/localhost.*other\.example\.test/)
  })

  describe('with a client certificate', () => {
    const mutual = () => instance({ ...certificates().server, ca: certificates().ca, requestCert: true })

    it('signs in with it, its key encrypted or not', async () => {
      const { port, seen } = await mutual()
      const { ca, client, lockedKey } = certificates()
      for (const key of [{ key: client.key }, { key: lockedKey, passphrase: 'open sesame' }]) {
        const { change } = read(`https://localhost:${port}`, { ca, cert: client.cert, ...key })
        await expect(change).resolves.toMatchObject({ sysId: 'c1' })
      }
      expect(seen).toHaveLength(2)
    })

    it('says that the server requires one', async () => {
      const { port } = await mutual()
      const message = await refused('client-certificate', `https://localhost:${port}`, {
        ca: certificates().ca
      })
      expect(message).toMatch(new RegExp(`^localhost:${port}: `))
    })

    it.each([
      ['the passphrase is wrong', () => ({ key: certificates().lockedKey, passphrase: 'wrong' })],
      ['the key is for another certificate', () => ({ key: certificates().server.key })],
      ['the key is not PEM text', () => ({ key: 'client.key' })]
    ])('fails with the same code, and sends nothing, when %s', async (_, key) => {
      const { port, seen } = await mutual()
      const { ca, client } = certificates()
      await refused('client-certificate', `https://localhost:${port}`, { ca, cert: client.cert, ...key() })
      expect(seen).toEqual([])
    })
  })
})
