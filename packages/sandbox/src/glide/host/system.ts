import { createHash, createHmac, randomUUID } from 'node:crypto'
import { fromZone, inZone, parseUtc } from '../../engine/dates.ts'
import { insertWithoutRules, updateWithoutRules } from '../../engine/records.ts'
import { type Operation, textOf } from './run-context.ts'

/** Algorithms of `generateMac`, by the name that the platform gives them. */
const MACS: Readonly<Record<string, string>> = {
  hmacmd5: 'md5',
  hmacsha1: 'sha1',
  hmacsha256: 'sha256',
  hmacsha384: 'sha384',
  hmacsha512: 'sha512'
}

const property: Operation = ({ engine }, args) =>
  engine.store.rows('sys_properties').find(row => row.name === textOf(args, 'name'))?.value ?? null

const setProperty: Operation = ({ engine, actor }, args) => {
  const [name, value] = [textOf(args, 'name'), textOf(args, 'value')]
  const row = engine.store.rows('sys_properties').find(one => one.name === name)
  if (row) updateWithoutRules(engine, 'sys_properties', row.sys_id, { value }, actor)
  else insertWithoutRules(engine, 'sys_properties', { name, value, type: 'string' }, actor)
}

/** @throws Error for a key that is not base64, or an unknown algorithm */
const mac: Operation = (_, args) => {
  const [key, algorithm] = [textOf(args, 'key'), textOf(args, 'algorithm')]
  const hash = MACS[algorithm.toLowerCase()]
  if (!hash) throw new Error(`generateMac: unknown algorithm "${algorithm}".`)
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(key)) throw new Error('generateMac: the key must be base64.')
  return createHmac(hash, Buffer.from(key, 'base64')).update(textOf(args, 'data')).digest('base64')
}

const digest: Operation = (_, args) =>
  createHash(textOf(args, 'algorithm'))
    .update(textOf(args, 'text'))
    .digest(args.encoding === 'base64' ? 'base64' : 'hex')

export const SYSTEM_OPERATIONS: Readonly<Record<string, Operation>> = {
  property,
  setProperty,
  mac,
  digest,
  now: ({ engine }) => engine.settings.now(),
  msUntil: ({ engine }, args) => Math.max(0, (parseUtc(textOf(args, 'at')) ?? 0) - engine.settings.now()),
  inZone: ({ actor }, args) => inZone(textOf(args, 'stored'), actor.timeZone),
  fromZone: ({ actor }, args) => fromZone(textOf(args, 'displayed'), actor.timeZone),
  guid: () => randomUUID().replaceAll('-', ''),
  base64: (_, args) => Buffer.from(textOf(args, 'text')).toString('base64'),
  fromBase64: (_, args) => Buffer.from(textOf(args, 'text'), 'base64').toString('utf8'),
  log: ({ events }, args) =>
    events.log(textOf(args, 'level'), textOf(args, 'message'), textOf(args, 'source')),
  event: ({ events, actor }, args) =>
    events.queue(actor, {
      name: textOf(args, 'name'),
      table: textOf(args, 'table'),
      id: textOf(args, 'id'),
      parm1: textOf(args, 'parm1'),
      parm2: textOf(args, 'parm2'),
      delayMs: Number(args.delayMs)
    })
}
