import type { LoopSettings, Policy, RoomAccess, RoomSettings } from '@midsentence/core'
import { usageError } from '../usage-error.ts'

interface RoomRules {
  readonly entry: Partial<RoomAccess>
  readonly room: Partial<RoomSettings>
  readonly loops: Partial<LoopSettings> | undefined
}

const kinds = { open: 'boolean', limit: 'number', history: 'boolean', observable: 'boolean', policy: 'string' } as const
const numbers = ['laps', 'rest_ms', 'share', 'window'] as const
const names = [...Object.keys(kinds), 'loops'].join(', ')

/**
 * What `rooms` of a file of settings says: rules by the name of a room, or by its beginning and an asterisk. The first
 * that fits counts.
 */
export function roomsOf(value: unknown, from: string): Pick<Policy, 'access' | 'room' | 'loopGuard'> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw usageError(`rooms in ${from} has to be an object, as {"demo": {"history": true}, "*": {"open": false}}.`)
  }
  const rules = Object.entries(value).map(([name, rule]) => [name, rulesOf(rule, `rooms.${name} in ${from}`)] as const)
  const of = (room: string) =>
    rules.find(([name]) => (name.endsWith('*') ? room.startsWith(name.slice(0, -1)) : room === name))?.[1]
  return {
    access: room => of(room)?.entry ?? {},
    room: room => of(room)?.room ?? {},
    loopGuard: room => of(room)?.loops,
  }
}

function rulesOf(value: unknown, what: string): RoomRules {
  const fields = fieldsOf(value, what)
  for (const [name, field] of Object.entries(fields)) {
    if (name === 'loops') continue
    const kind = Object.hasOwn(kinds, name) ? kinds[name as keyof typeof kinds] : undefined
    if (kind === undefined) throw usageError(`${what} has no ${JSON.stringify(name)}: there are ${names}.`)
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
    loops: loops === undefined ? undefined : loopsOf(loops, what),
  }
}

function loopsOf(value: unknown, what: string): Partial<LoopSettings> {
  const fields = fieldsOf(value, `loops of ${what}`)
  for (const [name, field] of Object.entries(fields)) {
    if (!numbers.some(each => each === name)) {
      throw usageError(`loops of ${what} has no ${JSON.stringify(name)}: there are ${numbers.join(', ')}.`)
    }
    if (typeof field !== 'number' || !(field > 0)) throw usageError(`${name} of loops of ${what} is a number above 0.`)
  }
  return fields
}

function fieldsOf(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw usageError(`${what} has to be an object.`)
}
