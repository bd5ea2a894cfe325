import { mentions, withoutHidden } from '@midsentence/client'
import { type Message, nameKey } from '@midsentence/core'
import { type JsonSchemaType, ProtocolError } from '@modelcontextprotocol/server'
import { formatCursor, type LogPosition, parseCursor } from './log-position.ts'
import type { RoomReading } from './room-feed.ts'

/** Error codes of the Events extension, as SEP-3415 numbers them. The earlier sketch had -32011 to -32015. */
export const eventErrors = {
  invalid: -32602,
  notFound: -32023,
  forbidden: -32024,
  exhausted: -32025,
  unsupported: -32026,
  callback: -32027,
} as const

export type DeliveryMode = 'poll' | 'push' | 'webhook'

/** Name of the only event type. */
export const MESSAGE_EVENT = 'message'

/** Describes the event type for `events/list`. */
export const messageEvent = (delivery: readonly DeliveryMode[]) => ({
  name: MESSAGE_EVENT,
  description:
    'Somebody else said something in the chat room. Delivery does not count as reading: check gives the message too.',
  delivery,
  inputSchema: {
    type: 'object',
    properties: {
      room: { type: 'string', description: 'The room. Only the one of this session; the default.' },
      only_mentions: { type: 'boolean', default: false, description: 'Only messages that name this participant.' },
      only_people: { type: 'boolean', default: false, description: 'No messages of models.' },
    },
    additionalProperties: false,
  } satisfies JsonSchemaType,
  payloadSchema: {
    type: 'object',
    properties: {
      room: { type: 'string' },
      seq: { type: 'integer', minimum: 1 },
      sender_id: { type: 'string' },
      content: { type: 'string' },
      timestamp: { type: 'string', format: 'date-time' },
    },
    required: ['room', 'seq', 'sender_id', 'content', 'timestamp'],
  } satisfies JsonSchemaType,
})

/** Which messages a subscription wants. */
export interface MessageFilter {
  readonly room?: string
  readonly only_mentions: boolean
  readonly only_people: boolean
}

/** Checks the name and the arguments of a subscription. Throws a `ProtocolError`. */
export function readFilter(name: unknown, args: unknown = {}): MessageFilter {
  if (name !== MESSAGE_EVENT)
    throw new ProtocolError(eventErrors.notFound, `There is no event ${JSON.stringify(name)}. There is message.`, {
      kind: 'event',
    })
  if (typeof args !== 'object' || args === null || Array.isArray(args)) throw invalid('arguments is an object.')
  const { room, only_mentions = false, only_people = false, ...unknown } = args as Record<string, unknown>
  const [extra] = Object.keys(unknown)
  if (extra !== undefined) throw invalid(`message takes room, only_mentions and only_people, and no ${extra}.`)
  if (room !== undefined && typeof room !== 'string') throw invalid('room is a string.')
  if (typeof only_mentions !== 'boolean') throw invalid('only_mentions is true or false.')
  if (typeof only_people !== 'boolean') throw invalid('only_people is true or false.')
  return { ...(room !== undefined && { room }), only_mentions, only_people }
}

/** Refuses a room that is not the one of the session. */
export function checkRoom({ room }: MessageFilter, reading: RoomReading): void {
  if (room === undefined || room === reading.room) return
  throw new ProtocolError(eventErrors.forbidden, `This session is in room ${reading.room}. Subscribe to that one.`)
}

/** Reads a cursor. Null and undefined are the model's own. */
export function readCursor(cursor: unknown): LogPosition | undefined {
  if (cursor === undefined || cursor === null) return undefined
  const position = parseCursor(cursor)
  if (!position) throw invalid('cursor is one that this server gave, or null.')
  return position
}

/** Reads an optional number of at least `min`. Null counts as none. */
export function readNumber(name: string, value: unknown, min: number): number | undefined {
  if (value === undefined || value === null) return undefined
  if (!Number.isSafeInteger(value) || (value as number) < min) throw invalid(`${name} is a whole number from ${min}.`)
  return value as number
}

export const invalid = (message: string): ProtocolError => new ProtocolError(eventErrors.invalid, message)

/** Whether a subscription of this participant wants `message`. */
export function wants({ only_mentions, only_people }: MessageFilter, message: Message, name: string): boolean {
  if (nameKey(message.sender_id) === nameKey(name)) return false
  if (only_people && message.meta?.by === 'model') return false
  return !only_mentions || mentions(message.content, name)
}

/** Converts a message to an event. Names and content are without characters that do not show, as in tool answers. */
export const toEvent = (message: Message, room: string, cursor?: LogPosition) => ({
  eventId: message.message_id,
  name: MESSAGE_EVENT,
  timestamp: message.timestamp,
  data: {
    room,
    seq: message.seq,
    sender_id: withoutHidden(message.sender_id),
    content: withoutHidden(message.content),
    timestamp: message.timestamp,
  },
  ...(cursor !== undefined && { cursor: formatCursor(cursor) }),
})

/** The `delivery` of a request. */
export interface WebhookDelivery {
  readonly mode?: unknown
  readonly url?: unknown
  readonly secret?: unknown
}

/** Reads `delivery` of a request. */
export function readDelivery(delivery: unknown): WebhookDelivery {
  if (typeof delivery !== 'object' || delivery === null) throw invalid('delivery is an object with url and secret.')
  return delivery
}
