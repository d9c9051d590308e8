import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { beforeEach, describe, expect, it } from '@jest/globals'
import { attachAll, type Evidence } from './attach.ts'
import { contextOn, problemOf } from './testing/context.ts'
import { LOST, startInstance, type TestInstance } from './testing/instance.ts'

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f'].map(one => `${one}.txt`)
let instance: TestInstance

beforeEach(() => {
  instance = startInstance()
})

const hashOf = (text: string) => createHash('sha256').update(text).digest('hex')

function file(name: string, text = name): Evidence {
  return {
    file: `out/${name}`,
    name,
    size: text.length,
    contentType: 'text/plain',
    sha256: async () => hashOf(text),
    open: () => Readable.from([Buffer.from(text)])
  }
}

/** What is attached to the change, oldest first. */
const stored = () => instance.sandbox.attachments('CHG0030001')
const uploads = () => instance.writes.map(line => line.replace('upload CHG0030001 ', ''))

/** The upload of this file takes so long. */
function slow(name: string, ms: number): void {
  instance.sandbox.fault({ kind: 'latency', path: `file_name=${name}`, ms })
}

/** Attaches six files whose uploads take so many milliseconds; time passes when the test says so. */
async function attachSix(milliseconds: readonly number[]) {
  for (const [n, ms] of milliseconds.entries()) slow(NAMES[n] ?? '', ms)
  const told: string[][] = []
  const attaching = attachAll(
    contextOn(instance),
    await instance.add(),
    NAMES.map(name => file(name)),
    'skip',
    all => void told.push(all.map(one => one.name))
  )
  const begun = (count: number) => instance.sandbox.waitFor(() => uploads().length === count)
  return { attaching, told, begun }
}

describe('attaching', () => {
  it('sends each file and tells after each what is attached so far', async () => {
    const told: number[] = []
    const change = await instance.add()
    const context = contextOn(instance)
    const attached = await attachAll(context, change, [file('a.txt'), file('b.txt')], 'skip', all => {
      told.push(all.length)
    })
    const [a, b] = stored()
    expect(attached).toEqual([
      {
        name: 'a.txt',
        file: 'out/a.txt',
        sysId: a?.sysId,
        size: 5,
        sha256: hashOf('a.txt'),
        status: 'attached'
      },
      {
        name: 'b.txt',
        file: 'out/b.txt',
        sysId: b?.sysId,
        size: 5,
        sha256: hashOf('b.txt'),
        status: 'attached'
      }
    ])
    expect([a, b].map(one => String(one?.bytes))).toEqual(['a.txt', 'b.txt'])
    expect(told).toEqual([1, 2])
    expect(instance.log).toEqual(['attachments', 'upload CHG0030001 a.txt', 'upload CHG0030001 b.txt'])
  })

  it('again skips what is attached with the same name and content', async () => {
    const change = await instance.add()
    await attachAll(contextOn(instance), change, [file('a.txt')], 'skip')
    const context = contextOn(instance)
    const again = await attachAll(context, change, [file('a.txt'), file('a.txt', 'newer')], 'skip')
    expect(again.map(one => one.status)).toEqual(['skipped', 'attached'])
    expect(again.map(one => one.sysId)).toEqual(stored().map(one => one.sysId))
    expect(context.events).toEqual([
      { type: 'already-attached', change, name: 'a.txt' },
      { type: 'attached', change, file: { name: 'a.txt', size: 5, sha256: hashOf('newer') } }
    ])
    expect(stored()).toHaveLength(2)
  })

  it('again attaches it once more when requested', async () => {
    const change = await instance.add()
    await attachAll(contextOn(instance), change, [file('a.txt')], 'skip')
    const again = await attachAll(contextOn(instance), change, [file('a.txt')], 'attach')
    expect(again.map(one => one.status)).toEqual(['attached'])
    expect(stored()).toHaveLength(2)
  })

  it('whose response was lost counts as attached, once', async () => {
    instance.fail('upload', LOST)
    const attached = await attachAll(contextOn(instance), await instance.add(), [file('a.txt')], 'skip')
    expect(attached).toMatchObject([{ sysId: stored()[0]?.sysId, status: 'attached' }])
    expect(stored()).toHaveLength(1)
  })

  it('that fails half way has told what is attached', async () => {
    const told: string[][] = []
    const change = await instance.add()
    instance.sandbox.fault({ kind: 'acl', method: 'POST', path: 'file_name=b.txt' })
    const attaching = attachAll(
      contextOn(instance),
      change,
      [file('a.txt'), file('b.txt')],
      'skip',
      all => void told.push(all.map(one => one.name))
    )
    await problemOf(attaching, 'role')
    expect(told).toEqual([['a.txt']])
  })

  it('has at most four under way, begun in order, and tells them in order whichever ends first', async () => {
    // c ends first and makes room for e, which makes room for f; then d, b, a and f end.
    const { attaching, told, begun } = await attachSix([500, 400, 100, 300, 100, 1_000])
    await begun(4)
    instance.clock.advance(100)
    await begun(5)
    instance.clock.advance(100)
    await begun(6)
    instance.clock.advance(1_000)
    expect((await attaching).map(one => one.name)).toEqual(NAMES)
    expect(uploads()).toEqual(NAMES)
    expect(told[0]).toEqual(['c.txt'])
    expect(told[3]).toEqual(['b.txt', 'c.txt', 'd.txt', 'e.txt'])
  })

  it('of which one fails begins no other, and tells of those that were under way', async () => {
    const refused = { kind: 'error', status: 400, message: 'no' } as const
    for (const name of ['b.txt', 'd.txt']) instance.sandbox.fault({ ...refused, path: `file_name=${name}` })
    const { attaching, told, begun } = await attachSix([400, 200, 300, 100])
    const failed = problemOf(attaching, 'bad-request')
    await begun(4)
    for (const failures of [1, 2]) {
      instance.clock.advance(100)
      const { sandbox } = instance
      await sandbox.waitFor(() => sandbox.requests.filter(one => one.status === 400).length === failures)
    }
    instance.clock.advance(200)
    expect((await failed).facts.operation).toBe('attaching "b.txt"')
    expect(uploads()).toEqual(NAMES.slice(0, 4))
    expect(told.at(-1)).toEqual(['a.txt', 'c.txt'])
    expect(stored().map(one => one.name)).toEqual(['c.txt', 'a.txt'])
  })

  it('reads a file for its hash only where one of its name and size is attached', async () => {
    const change = await instance.add()
    await attachAll(contextOn(instance), change, [file('a.txt')], 'skip')
    let read = 0
    const counted = (one: Evidence): Evidence => ({
      ...one,
      sha256: async () => {
        read += 1
        return one.sha256()
      }
    })
    const context = contextOn(instance)
    await attachAll(context, change, [counted(file('a.txt', 'longer')), counted(file('b.txt'))], 'skip')
    expect(read).toBe(0)
    await attachAll(context, change, [counted(file('a.txt'))], 'skip')
    expect(read).toBe(1)
  })

  it('is known again under the name that the instance gave it', async () => {
    const name = `TEST-com.acme.${'checkout.'.repeat(12)}CardIT.xml`
    const change = await instance.add()
    const sysId = 'listed'
    const listed = Promise.resolve([
      { sysId, name: name.slice(0, 100), size: name.length, sha256: hashOf(name) }
    ])
    const again = await attachAll(contextOn(instance), change, [file(name)], 'skip', undefined, listed)
    expect(again).toEqual([
      {
        name: name.slice(0, 100),
        givenName: name,
        file: `out/${name}`,
        sysId,
        size: name.length,
        sha256: hashOf(name),
        status: 'skipped'
      }
    ])
    expect(stored()).toEqual([])
  })

  it('is not taken for another one of the same content', async () => {
    const change = await instance.add()
    const long = 'x'.repeat(99)
    const twins = [file(`${long}1.txt`, 'same'), file(`${long}2.txt`, 'same')]
    const listed = () => Promise.resolve([{ sysId: 'a', name: `${long}1`, size: 4, sha256: hashOf('same') }])
    const attached = await attachAll(contextOn(instance), change, twins, 'skip', undefined, listed())
    expect(attached.map(one => one.status)).toEqual(['skipped', 'attached'])
    const other = await attachAll(
      contextOn(instance),
      change,
      [file('b.txt', 'same')],
      'skip',
      undefined,
      listed()
    )
    expect(other.map(one => one.status)).toEqual(['attached'])
  })

  describe('that the instance refuses by a rule on files', () => {
    beforeEach(() => {
      instance = startInstance({ attachmentExtensions: ['txt'] })
    })

    it('is told and left out where a glob caught it', async () => {
      const context = contextOn(instance)
      const files = [{ ...file('build.log'), optional: true }, file('a.txt')]
      const attached = await attachAll(context, await instance.add(), files, 'skip')
      expect(attached.map(one => one.name)).toEqual(['a.txt'])
      expect(context.told('not-attached')).toMatchObject([{ refusal: { file: 'build.log', rule: 'type' } }])
    })

    it('fails where it was named, and where there is no other', async () => {
      const change = await instance.add()
      const attach = (optional: boolean) =>
        attachAll(contextOn(instance), change, [{ ...file('build.log'), optional }], 'skip')
      for (const optional of [true, false]) {
        const { facts } = await problemOf(attach(optional), 'file-refused')
        expect(facts).toMatchObject({ file: 'build.log', rule: 'type', status: 403 })
      }
    })
  })

  it('nothing sends nothing', async () => {
    expect(await attachAll(contextOn(instance), await instance.add(), [], 'skip')).toEqual([])
    expect(instance.log).toEqual([])
  })

  it('in a dry run tells what it would attach, with or without a change', async () => {
    const context = contextOn(instance, { dryRun: true })
    const change = await instance.add()
    expect(await attachAll(context, change, [file('a.txt')], 'skip')).toEqual([])
    await attachAll(context, undefined, [file('b.txt')], 'skip')
    expect(context.planned()).toEqual([
      { type: 'attach', change, name: 'a.txt', size: 5 },
      { type: 'attach', change: undefined, name: 'b.txt', size: 5 }
    ])
    expect(instance.writes).toEqual([])
  })

  it('takes a list that was read already', async () => {
    const listed = Promise.resolve([{ sysId: 'x', name: 'a.txt', size: 5, sha256: hashOf('a.txt') }])
    const attached = await attachAll(
      contextOn(instance),
      await instance.add(),
      [file('a.txt')],
      'skip',
      () => undefined,
      listed
    )
    expect(attached).toMatchObject([{ sysId: 'x', status: 'skipped' }])
    expect(instance.log).toEqual([])
  })

  it('a long upload tells every ten seconds how far it is', async () => {
    const change = await instance.add()
    /** Every tenth of the file takes four seconds. */
    async function* pieces() {
      for (let n = 0; n < 10; n += 1) {
        instance.clock.advance(n === 0 ? 0 : 4_000)
        yield Buffer.alloc(10)
      }
    }
    const sha256 = async () => hashOf('\0'.repeat(100))
    const long: Evidence = { ...file('long.bin'), size: 100, sha256, open: () => Readable.from(pieces()) }
    const context = contextOn(instance)
    await attachAll(context, change, [long], 'skip')
    expect(context.told('upload-progress')).toEqual(
      [40, 70, 100].map(percent => ({ type: 'upload-progress', name: 'long.bin', percent }))
    )
  })
})
