import { once } from 'node:events'
import { Readable } from 'node:stream'
import { clientProblem, type ServiceNowClient, type Upload } from '@change-actions/servicenow-client'
import { beforeEach, describe, expect, it } from '@jest/globals'
import { attachAll, type Evidence } from './attach.ts'
import { contextOn, problemOf } from './testing/fake-context.ts'
import { FakeInstance } from './testing/fake-instance.ts'

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
      ends.get(name)?.reject(clientProblem('role', { operation: `attaching ${name}`, status: 403 }))
      return settled()
    }
  }
}

async function until(condition: () => boolean): Promise<void> {
  for (let n = 0; !condition(); n += 1) {
    if (n > 1_000) throw new Error('that never happened')
    await new Promise<void>(resolve => void setImmediate(resolve))
  }
}

describe('attaching', () => {
  it('sends each file and tells after each what is attached so far', async () => {
    const told: number[] = []
    const change = fake.add()
    const attached = await attachAll(contextOn(fake), change, [file('a.txt'), file('b.txt')], 'skip', all => {
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

  it('again skips what is attached with the same name and content', async () => {
    const change = fake.add()
    await attachAll(contextOn(fake), change, [file('a.txt')], 'skip')
    const context = contextOn(fake)
    const again = await attachAll(context, change, [file('a.txt'), file('a.txt', 'newer')], 'skip')
    expect(again.map(one => `${one.sysId} ${one.status}`)).toEqual(['file-1 skipped', 'file-2 attached'])
    expect(context.events).toEqual([
      { type: 'already-attached', change, name: 'a.txt' },
      { type: 'attached', change, file: { name: 'a.txt', size: 5, sha256: 'hash of newer' } }
    ])
    expect(fake.files).toHaveLength(2)
  })

  it('again attaches it once more when requested', async () => {
    const change = fake.add()
    await attachAll(contextOn(fake), change, [file('a.txt')], 'skip')
    const again = await attachAll(contextOn(fake), change, [file('a.txt')], 'attach')
    expect(again.map(one => one.status)).toEqual(['attached'])
    expect(fake.files).toHaveLength(2)
  })

  it('whose response was lost counts as attached, once', async () => {
    fake.fail('upload', 'lost')
    const attached = await attachAll(contextOn(fake), fake.add(), [file('a.txt')], 'skip')
    expect(attached).toMatchObject([{ sysId: 'file-1', status: 'attached' }])
    expect(fake.files).toHaveLength(1)
  })

  it('that fails half way has told what is attached', async () => {
    const told: string[][] = []
    const files = [file('a.txt'), file('b.txt')]
    const change = fake.add()
    fake.after = verb => {
      if (verb === 'upload')
        fake.fail('upload', clientProblem('role', { operation: 'attaching', status: 403 }))
    }
    const attaching = attachAll(
      contextOn(fake),
      change,
      files,
      'skip',
      all => void told.push(all.map(one => one.name))
    )
    await problemOf(attaching, 'role')
    expect(told).toEqual([['a.txt']])
  })

  it('has at most four under way, begun in order, and tells them in order whichever ends first', async () => {
    const { client, started, finish } = slowly()
    const names = ['a', 'b', 'c', 'd', 'e', 'f'].map(one => `${one}.txt`)
    const told: string[][] = []
    const attaching = attachAll(
      contextOn(fake, { client }),
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
      contextOn(fake, { client }),
      fake.add(),
      names.map(name => file(name)),
      'skip',
      all => void told.push(all.map(one => one.name))
    )
    const failed = problemOf(attaching, 'role')
    await until(() => started.length === 4)
    await refuse('d.txt')
    await refuse('b.txt')
    await finish('c.txt')
    await finish('a.txt')
    expect((await failed).facts.operation).toBe('attaching b.txt')
    expect(started).toHaveLength(4)
    expect(told.at(-1)).toEqual(['a.txt', 'c.txt'])
  })

  it('reads a file for its hash only where one of its name and size is attached', async () => {
    const change = fake.add()
    await attachAll(contextOn(fake), change, [file('a.txt')], 'skip')
    let read = 0
    const counted = (one: Evidence): Evidence => ({
      ...one,
      sha256: async () => {
        read += 1
        return one.sha256()
      }
    })
    const { client } = slowly({ at: 'once' })
    const attachments = { ...fake.client.attachments, upload: client.attachments.upload } as never
    const context = contextOn(fake, { client: { ...fake.client, attachments } })
    await attachAll(context, change, [counted(file('a.txt', 'longer')), counted(file('b.txt'))], 'skip')
    expect(read).toBe(0)
    await attachAll(context, change, [counted(file('a.txt'))], 'skip')
    expect(read).toBe(1)
  })

  it('nothing sends nothing', async () => {
    expect(await attachAll(contextOn(fake), fake.add(), [], 'skip')).toEqual([])
    expect(fake.log).toEqual([])
  })

  it('in a dry run tells what it would attach, with or without a change', async () => {
    const context = contextOn(fake, { dryRun: true })
    const change = fake.add()
    expect(await attachAll(context, change, [file('a.txt')], 'skip')).toEqual([])
    await attachAll(context, undefined, [file('b.txt')], 'skip')
    expect(context.planned()).toEqual([
      { type: 'attach', change, name: 'a.txt', size: 5 },
      { type: 'attach', change: undefined, name: 'b.txt', size: 5 }
    ])
    expect(fake.writes).toEqual([])
  })

  it('takes a list that was read already', async () => {
    const listed = Promise.resolve([{ sysId: 'x', name: 'a.txt', size: 5, sha256: 'hash of a.txt' }])
    const attached = await attachAll(
      contextOn(fake),
      fake.add(),
      [file('a.txt')],
      'skip',
      () => undefined,
      listed
    )
    expect(attached).toMatchObject([{ sysId: 'x', status: 'skipped' }])
    expect(fake.log).toEqual([])
  })

  it('a long upload tells every ten seconds how far it is', async () => {
    const change = fake.add()
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
    const context = contextOn(fake, { client })
    await attachAll(context, change, [long], 'skip')
    expect(context.told('upload-progress')).toEqual(
      [40, 70, 100].map(percent => ({ type: 'upload-progress', name: 'long.bin', percent }))
    )
  })
})
