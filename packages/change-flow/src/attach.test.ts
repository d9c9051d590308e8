import { once } from 'node:events'
import { Readable } from 'node:stream'
import { ServiceNowError, type Upload } from '@change-actions/servicenow-client'
import { beforeEach, describe, expect, it } from '@jest/globals'
import { attachAll, type Evidence } from './attach.ts'
import { FakeInstance } from './testing/fake-client.ts'
import { failure, flowOn } from './testing/fake-flow.ts'

let fake: FakeInstance

beforeEach(() => {
  fake = new FakeInstance()
})

function file(name: string, text = name): Evidence {
  return {
    file: `out/${name}`,
    name,
    size: text.length,
    contentType: 'text/plain',
    sha256: async () => `hash of ${text}`,
    open: () => Readable.from([Buffer.from(text)])
  }
}

describe('attaching', () => {
  it('sends each file and tells after each what is attached so far', async () => {
    const told: number[] = []
    const change = fake.add()
    const attached = await attachAll(flowOn(fake), change, [file('a.txt'), file('b.txt')], 'skip', all => {
      told.push(all.length)
    })
    expect(attached).toEqual([
      {
        name: 'a.txt',
        file: 'out/a.txt',
        sysId: 'file-1',
        size: 5,
        sha256: 'hash of a.txt',
        status: 'attached'
      },
      {
        name: 'b.txt',
        file: 'out/b.txt',
        sysId: 'file-2',
        size: 5,
        sha256: 'hash of b.txt',
        status: 'attached'
      }
    ])
    expect(told).toEqual([1, 2])
    expect(fake.log).toEqual(['attachments', 'upload CHG0030001 a.txt', 'upload CHG0030001 b.txt'])
  })

  it('again skips what is there with the same name and content', async () => {
    const change = fake.add()
    await attachAll(flowOn(fake), change, [file('a.txt')], 'skip')
    const flow = flowOn(fake)
    const again = await attachAll(flow, change, [file('a.txt'), file('a.txt', 'newer')], 'skip')
    expect(again.map(one => `${one.sysId} ${one.status}`)).toEqual(['file-1 skipped', 'file-2 attached'])
    expect(flow.told('info')[0]).toBe('a.txt is attached to CHG0030001 already.')
    expect(fake.files).toHaveLength(2)
  })

  it('again attaches it once more when told to', async () => {
    const change = fake.add()
    await attachAll(flowOn(fake), change, [file('a.txt')], 'skip')
    const again = await attachAll(flowOn(fake), change, [file('a.txt')], 'attach')
    expect(again.map(one => one.status)).toEqual(['attached'])
    expect(fake.files).toHaveLength(2)
  })

  it('whose answer was lost counts as attached, once', async () => {
    fake.fail('upload', 'lost')
    const attached = await attachAll(flowOn(fake), fake.add(), [file('a.txt')], 'skip')
    expect(attached).toMatchObject([{ sysId: 'file-1', status: 'attached' }])
    expect(fake.files).toHaveLength(1)
  })

  it('that fails half way has told what is attached', async () => {
    const told: string[][] = []
    const files = [file('a.txt'), file('b.txt')]
    const change = fake.add()
    fake.after = verb => {
      if (verb === 'upload')
        fake.fail('upload', new ServiceNowError('role', { doing: 'attaching', status: 403 }))
    }
    const attaching = attachAll(
      flowOn(fake),
      change,
      files,
      'skip',
      all => void told.push(all.map(one => one.name))
    )
    expect((await failure(ServiceNowError, attaching)).code).toBe('role')
    expect(told).toEqual([['a.txt']])
  })

  it('nothing asks nothing', async () => {
    expect(await attachAll(flowOn(fake), fake.add(), [], 'skip')).toEqual([])
    expect(fake.log).toEqual([])
  })

  it('in a dry run says what it would attach, with or without a change', async () => {
    const flow = flowOn(fake, { dryRun: true })
    expect(await attachAll(flow, fake.add(), [file('a.txt')], 'skip')).toEqual([])
    await attachAll(flow, undefined, [file('b.txt')], 'skip')
    expect(flow.told('plan')).toEqual(['attach a.txt (5 bytes) to CHG0030001', 'attach b.txt (5 bytes)'])
    expect(fake.writes).toEqual([])
  })

  it('a long upload says every ten seconds how far it is', async () => {
    const change = fake.add()
    const flow = flowOn(fake)
    const pieces = Array.from({ length: 10 }, () => Buffer.alloc(10))
    const long: Evidence = { ...file('long.bin'), size: 100, open: () => Readable.from(pieces) }
    const attachments = {
      list: async () => [],
      // Every tenth of the file takes four seconds.
      upload: async (_: string, { body }: Upload) => {
        const stream = body.open().on('data', () => {
          fake.now += 4_000
        })
        await once(stream, 'end')
        return { sysId: 'x', name: 'long.bin', size: 100, sha256: '' }
      }
    }
    const client = { ...fake.client, attachments: attachments as never }
    await attachAll({ ...flow, client }, change, [long], 'skip')
    expect(flow.told('info').filter(line => line.includes('% sent'))).toEqual([
      'long.bin: 40 % sent.',
      'long.bin: 70 % sent.',
      'long.bin: 100 % sent.'
    ])
  })
})
