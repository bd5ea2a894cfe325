import * as z from 'zod'
import type { Inbound } from '../../ports/transport.ts'
import type { StreamOpened } from '../../rpc-client/read-response.ts'
import { message } from './results.ts'

type EventData<Type extends Inbound['type']> = Omit<Extract<Inbound, { readonly type: Type }>, 'type'>

const seq = z.int().min(0)
const messageSeq = z.int().min(1)

export const welcome = z.object({ log: z.string().min(1), cursor: seq, sender_id: z.string().min(1) }).meta({
  description: 'The first event: the id of the log, and the seq after which the messages start.',
}) satisfies z.ZodType<Omit<StreamOpened, 'type'>>

export const missed = z
  .object({ from: messageSeq, to: messageSeq })
  .meta({ description: 'These seqs are gone for good.' }) satisfies z.ZodType<EventData<'missed'>>

export const presence = z
  .object({ sender_id: z.string().min(1), present: z.boolean() })
  .meta({ description: 'A participant came, or left or is away.' }) satisfies z.ZodType<EventData<'presence'>>

export const hush = z
  .object({ on: z.boolean() })
  .meta({ description: 'A person silences the models of the room, or no longer.' }) satisfies z.ZodType<
  EventData<'hush'>
>

export const watchers = z.object({ watchers: seq }).meta({ description: 'How many watch the score of the room now.' })

/** The data of each event of a stream, and the params of each notification of a socket. Other events are ignored. */
export const streamEvents = { welcome, message, presence, missed, hush, watchers }
