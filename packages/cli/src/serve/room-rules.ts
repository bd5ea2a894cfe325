import type { LoopSettings, Policy, RoomEntry, RoomSettings } from '@midsentence/core'
import { usageError } from '../usage-error.ts'

interface RoomRules {
  readonly entry: Partial<RoomEntry>
  readonly room: Partial<RoomSettings>
  readonly loops: Partial<LoopSettings> | undefined
}

const fieldTypes = {
  open: 'boolean',
  limit: 'number',
  history: 'boolean',
  observable: 'boolean',
  policy: 'string',
} as const
const loopFields = ['laps', 'rest_ms', 'share', 'window'] as const
const knownFields = [...Object.keys(fieldTypes), 'loops'].join(', ')

/**
 * What `rooms` of a file of settings says: rules by the name of a room, or by its beginning and an asterisk. The first
 * that fits counts.
 */
export function parseRoomRules(value: unknown, from: string): Pick<Policy, 'entry' | 'room' | 'loops'> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw usageError(`rooms in ${from} has to be an object, as {"demo": {"history": true}, "*": {"open": false}}.`)
  }
  const rules = Object.entries(value).map(
    ([name, rule]) => [name, parseRules(rule, `rooms.${name} in ${from}`)] as const,
  )
  const of = (room: string) =>
    rules.find(([name]) => (name.endsWith('*') ? room.startsWith(name.slice(0, -1)) : room === name))?.[1]
  return {
    entry: room => of(room)?.entry ?? {},
    room: room => of(room)?.room ?? {},
    loops: room => of(room)?.loops,
  }
}

function parseRules(value: unknown, what: string): RoomRules {
  const fields = parseObject(value, what)
  for (const [name, field] of Object.entries(fields)) {
    if (name === 'loops') continue
    const kind = Object.hasOwn(fieldTypes, name) ? fieldTypes[name as keyof typeof fieldTypes] : undefined
    if (kind === undefined) throw usageError(`${what} has no ${JSON.stringify(name)}: there are ${knownFields}.`)
    if (typeof field !== kind) throw usageError(`${name} of ${what} has to be a ${kind}.`)
  }
  const { policy, loops, ...entry } = fields
  if (policy !== undefined && policy !== 'hold' && policy !== 'annotate') {
    throw usageError(`policy of ${what} is hold or annotate, not ${JSON.stringify(policy)}.`)
  }
  if (typeof entry.limit === 'number' && entry.limit < 1) throw usageError(`limit of ${what} is 1 or more.`)
  return {
    entry,
    room: policy === undefined ? {} : { policy },
    loops: loops === undefined ? undefined : parseLoops(loops, what),
  }
}

function parseLoops(value: unknown, what: string): Partial<LoopSettings> {
  const fields = parseObject(value, `loops of ${what}`)
  for (const [name, field] of Object.entries(fields)) {
    if (!loopFields.some(each => each === name)) {
      throw usageError(`loops of ${what} has no ${JSON.stringify(name)}: there are ${loopFields.join(', ')}.`)
    }
    if (typeof field !== 'number' || !(field > 0)) throw usageError(`${name} of loops of ${what} is a number above 0.`)
  }
  return fields
}

function parseObject(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw usageError(`${what} has to be an object.`)
}
