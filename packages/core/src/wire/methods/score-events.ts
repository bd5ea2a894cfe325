import * as z from 'zod'
import type { ScoreRecord } from '../../score/records.ts'
import { message } from './results.ts'

const seq = z.int().min(0)
const text = z.string().min(1)
const position = z.int().min(1)

const place = {
  position: position.meta({ description: 'The number of the record: 1, 2, 3, … in its room.' }),
  at: z
    .string()
    .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    .meta({ format: 'date-time', description: 'RFC 3339 in UTC with milliseconds.' }),
  head: seq.meta({ description: 'The newest seq of the room at that moment.' }),
}

const segments = z.array(z.object({ type: z.literal('appended'), text, base: seq }))

const about = <const Type extends string, Members extends z.ZodRawShape>(type: Type, members: Members) =>
  z.object({ ...place, type: z.literal(type), sender_id: text, ...members })

const record = z.discriminatedUnion('type', [
  about('joined', {}),
  about('left', { away: z.literal(true).exactOptional() }),
  about('appended', { text, base: seq }),
  about('undone', {}),
  about('reset', {}),
  about('pushed', { seq: position }),
  about('draft', { draft: segments }),
  about('held', { why: z.enum(['unseen', 'floor']), seq }),
  about('floor.granted', { for_ms: z.number().min(0) }),
  about('floor.ended', { why: z.enum(['sent', 'yielded', 'left', 'time']) }),
  about('given', { seq }),
  z.object({ ...place, type: z.literal('message'), seq: position, message: message.exactOptional() }),
  z.object({ ...place, type: z.literal('gap'), lost: position.exactOptional() }),
  z.object({
    ...place,
    type: z.literal('state'),
    participants: z.array(
      z.object({ sender_id: text, away: z.literal(true).exactOptional(), given: seq, draft: segments }),
    ),
    floor: text.exactOptional(),
  }),
  z.object({ ...place, type: z.literal('stopped') }),
]) satisfies z.ZodType<ScoreRecord>

/** The data of each event of a score, and the params of each notification of its socket. */
export const scoreEvents = {
  welcome: z.object({ log: text, position: seq }),
  record,
  missed: z.object({ from: position, to: position }),
}
