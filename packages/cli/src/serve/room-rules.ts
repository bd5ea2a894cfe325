import type { LoopSettings, Policy, RoomAccess, RoomSettings } from '@midsentence/core'
import { usageError } from '../usage-error.ts'

interface RoomRules {
  readonly access: Partial<RoomAccess>
  readonly room: Partial<RoomSettings>
  readonly loops: Partial<LoopSettings> | false | undefined
}

const fieldTypes = {
  open: 'boolean',
  limit: 'number',
  history: 'boolean',
  observable: 'boolean',
  recorded: 'boolean',
  listed: 'boolean',
  typing_indicator: 'boolean',
  policy: 'string',
} as const
const loopFields = ['laps', 'rest_ms', 'share', 'window'] as const
const knownFields = [...Object.keys(fieldTypes), 'loops'].join(', ')

/**
 * Parses `rooms` of the settings file at `from` into policy hooks. A key is a room name, or a prefix with an asterisk. The
 * first key that matches a room applies. Throws a usage error that names the wrong key.
 */
export function parseRoomRules(value: unknown, from: string): Pick<Policy, 'access' | 'room' | 'loopGuard'> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw usageError(`rooms in ${from} has to be an object, as {"demo": {"history": true}, "*": {"open": false}}.`)
  }
  const rules = Object.entries(value).map(
    ([name, rule]) => [name, parseRules(rule, `rooms.${name} in ${from}`)] as const,
  )
  const ruleFor = (room: string) =>
    rules.find(([name]) => (name.endsWith('*') ? room.startsWith(name.slice(0, -1)) : room === name))?.[1]
  return {
    access: room => ruleFor(room)?.access ?? {},
    room: room => ruleFor(room)?.room ?? {},
    loopGuard: room => ruleFor(room)?.loops,
  }
}

function parseRules(value: unknown, path: string): RoomRules {
  const fields = parseObject(value, path)
  for (const [name, field] of Object.entries(fields)) {
    if (name === 'loops') continue
    const type = Object.hasOwn(fieldTypes, name) ? fieldTypes[name as keyof typeof fieldTypes] : undefined
    if (type === undefined) throw usageError(`${path} has no ${JSON.stringify(name)}: there are ${knownFields}.`)
    if (typeof field !== type) throw usageError(`${name} of ${path} has to be a ${type}.`)
  }
  const { policy, loops, ...access } = fields
  if (policy !== undefined && policy !== 'hold' && policy !== 'annotate') {
    throw usageError(`policy of ${path} is hold or annotate, not ${JSON.stringify(policy)}.`)
  }
  if (access.recorded === true && access.observable !== true) {
    throw usageError(`recorded of ${path} needs "observable": true: a score keeps what observers see.`)
  }
  if (typeof access.limit === 'number' && access.limit < 1) throw usageError(`limit of ${path} is 1 or more.`)
  return {
    access,
    room: policy === undefined ? {} : { policy },
    loops: loops === undefined ? undefined : parseLoops(loops, path),
  }
}

function parseLoops(value: unknown, path: string): Partial<LoopSettings> | false {
  if (value === false) return false
  const fields = parseObject(value, `loops of ${path}`)
  for (const [name, field] of Object.entries(fields)) {
    if (!loopFields.some(each => each === name)) {
      throw usageError(`loops of ${path} has no ${JSON.stringify(name)}: there are ${loopFields.join(', ')}.`)
    }
    if (typeof field !== 'number' || !(field > 0)) throw usageError(`${name} of loops of ${path} is a number above 0.`)
  }
  return fields
}

function parseObject(value: unknown, path: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw usageError(`${path} has to be an object.`)
}
