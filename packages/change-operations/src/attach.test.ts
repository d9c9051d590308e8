import { once } from 'node:events'
import { Readable } from 'node:stream'
import { type ServiceNowClient, ServiceNowError, type Upload } from '@change-actions/servicenow-client'
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

/** An instance whose uploads end when the test says so. */
function slowly({ at }: { at?: 'once' } = {}) {
  const started: string[] = []
  const ends = new Map<string, { resolve: () => void; reject: (error: Error) => void }>()
  const attachments = {
    list: async () => [],
    upload: async (_: string, upload: Upload) => {
      started.push(upload.name)
      if (at !== 'once')
        await new Promise<void>((resolve, reject) => void ends.set(upload.name, { resolve, reject }))
      return { sysId: `sys-${upload.name}`, name: upload.name, size: upload.body.size, sha256: 'hash' }
    }
  }
  const settled = () => new Promise<void>(resolve => void setImmediate(resolve))
  return {
    client: { ...fake.client, attachments: attachments as unknown as ServiceNowClient['attachments'] },
    started,
    finish: (name: string) => {
      ends.get(name)?.resolve()
      return settled()
    },
    refuse: (name: string) => {
      ends.get(name)?.reject(new ServiceNowError('role', { doing: `attaching ${name}`, status: 403 }))
      return settled()
    }
  }
}

async function until(condition: () => boolean): Promise<void> {
  for (let n = 0; !condition(); n += 1) {
    if (n > 1_000) throw new Error('it never came to that')
    await new Promise<void>(resolve => void setImmediate(resolve))
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

  it('has at most four under way, begun in order, and tells them in order whichever ends first', async () => {
    const { client, started, finish } = slowly()
    const names = ['a', 'b', 'c', 'd', 'e', 'f'].map(one => `${one}.txt`)
    const told: string[][] = []
    const attaching = attachAll(
      { ...flowOn(fake), client },
      fake.add(),
      names.map(name => file(name)),
      'skip',
      all => void told.push(all.map(one => one.name))
    )
    await until(() => started.length === 4)
    await finish('c.txt')
    await until(() => started.length === 5)
    for (const name of ['e.txt', 'd.txt', 'b.txt', 'a.txt']) await finish(name)
    await until(() => started.length === 6)
    await finish('f.txt')
    expect((await attaching).map(one => one.name)).toEqual(names)
    expect(started).toEqual(names)
    expect(told[0]).toEqual(['c.txt'])
    expect(told[3]).toEqual(['b.txt', 'c.txt', 'd.txt', 'e.txt'])
  })

  it('of which one fails begins no other, and tells of those that were under way', async () => {
    const { client, started, finish, refuse } = slowly()
    const names = ['a', 'b', 'c', 'd', 'e', 'f'].map(one => `${one}.txt`)
    const told: string[][] = []
    const attaching = attachAll(
      { ...flowOn(fake), client },
      fake.add(),
      names.map(name => file(name)),
      'skip',
      all => void told.push(all.map(one => one.name))
    )
    const failed = failure(ServiceNowError, attaching)
    await until(() => started.length === 4)
    await refuse('d.txt')
    await refuse('b.txt')
    await finish('c.txt')
    await finish('a.txt')
    expect((await failed).doing).toBe('attaching b.txt')
    expect(started).toHaveLength(4)
    expect(told.at(-1)).toEqual(['a.txt', 'c.txt'])
  })

  it('reads a file for its hash only where one of its name and size is there', async () => {
    const change = fake.add()
    await attachAll(flowOn(fake), change, [file('a.txt')], 'skip')
    let read = 0
    const counted = (one: Evidence): Evidence => ({
      ...one,
      sha256: async () => {
        read += 1
        return one.sha256()
      }
    })
    const { client } = slowly({ at: 'once' })
    const flow = {
      ...flowOn(fake),
      client: {
        ...fake.client,
        attachments: { ...fake.client.attachments, upload: client.attachments.upload } as never
      }
    }
    await attachAll(flow, change, [counted(file('a.txt', 'longer')), counted(file('b.txt'))], 'skip')
    expect(read).toBe(0)
    await attachAll(flow, change, [counted(file('a.txt'))], 'skip')
    expect(read).toBe(1)
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
