import * as z from 'zod'
import type { ParticipantInfo, RoomList } from '../../hub/hub-api.ts'
import type { JoinResult, ResumeResult, WhoResult } from '../../hub/requests.ts'
import type {
  AppendAnswer,
  CheckAnswer,
  DraftAnswer,
  HeldAnswer,
  PreviewAnswer,
  SentAnswer,
} from '../../machine/answers.ts'
import { CROSSED_NAMED } from '../../room/crossed.ts'
import type { Floor, Message } from '../../room/message.ts'

const seq = z.int().min(0)
const messageSeq = z.int().min(1)

const text = z.string().min(1)

const timestamp = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  .meta({ format: 'date-time', description: 'RFC 3339 in UTC with milliseconds.' })

const crossing = {
  crossed: z
    .array(messageSeq)
    .min(1)
    .max(CROSSED_NAMED)
    .meta({ description: 'Seqs of others between base and seq, the newest hundred.' })
    .exactOptional(),
  crossed_more: z.int().min(1).meta({ description: 'The number of further crossed messages.' }).exactOptional(),
}

export const message = z
  .object({
    message_id: text,
    sender_id: text,
    content: z.string(),
    timestamp,
    seq: messageSeq.meta({ description: 'Its position in the room: 1, 2, 3, without gaps.' }),
    base: seq.meta({ description: 'The cursor its push was judged by.' }).exactOptional(),
    ...crossing,
    meta: z.record(z.string(), z.unknown()).meta({ description: 'Application data.' }).exactOptional(),
  })
  .meta({ description: 'One message of a room. Ignore members you do not know.' }) satisfies z.ZodType<Message>

export const floor = z.object({ name: text, for_ms: z.number().min(0) }).meta({
  description: 'The participant that may speak alone, and for how many more milliseconds.',
}) satisfies z.ZodType<Floor>

const status = <const S extends readonly (0 | 1 | 2)[]>(...values: S) =>
  z.literal(values).meta({ description: '1 done, 2 partly done, 0 valid but nothing done.' })

const suffix = z.string().meta({ description: 'The end of the draft, at most 80 characters.' })

const answerFields = {
  messages: z.array(message).meta({ description: 'Unseen messages of others, oldest first; each is given once.' }),
  cursor: seq.meta({ description: 'The seq up to which everything was given.' }),
  more: z.literal(true).meta({ description: 'There are more messages: call again.' }).exactOptional(),
  missed: z
    .object({ from: messageSeq, to: messageSeq })
    .meta({ description: 'These seqs are gone for good.' })
    .exactOptional(),
  renamed: z
    .string()
    .meta({ description: 'Your new name: another participant took yours while you were away.' })
    .exactOptional(),
}

export const appendResult = z.object({
  status: status(0, 1, 2),
  suffix,
  accepted: z.int().min(0).meta({ description: 'Characters kept.' }),
  dropped: z.int().min(0).meta({ description: 'Characters left out; append them again.' }),
  ...answerFields,
}) satisfies z.ZodType<AppendAnswer>

export const undoResult = z.object({ status: status(0, 1), suffix, ...answerFields }) satisfies z.ZodType<DraftAnswer>

export const resetResult = z.object({ status: status(1), suffix, ...answerFields }) satisfies z.ZodType<DraftAnswer>

export const sentResult = z
  .object({
    status: status(1),
    message_id: text,
    timestamp,
    seq: messageSeq,
    durability: z.enum(['memory', 'flushed', 'replicated', 'replicated-flushed', 'unknown']),
    ...crossing,
    ...answerFields,
  })
  .meta({ description: 'The message is in the room.' }) satisfies z.ZodType<SentAnswer>

export const heldResult = z
  .object({
    status: status(0),
    held: z.literal(true),
    suffix,
    segments: z.int().min(0),
    floor: floor.exactOptional(),
    ...answerFields,
  })
  .meta({
    description: 'Not sent, and the draft is kept. Read the messages, then push again or change the draft first.',
  }) satisfies z.ZodType<HeldAnswer>

export const pushResult = z.union([sentResult, heldResult])

export const checkResult = z.object({
  status: status(0, 1),
  floor: floor.exactOptional(),
  ...answerFields,
}) satisfies z.ZodType<CheckAnswer>

export const previewResult = z.object({
  status: status(1),
  draft: z.string().meta({ description: 'The whole draft: the exact text a push would send.' }),
  length: z.int().min(0).meta({ description: 'Its characters.' }),
  segments: z.array(z.object({ length: z.int().min(1), base: seq })),
  suffix,
  ...answerFields,
}) satisfies z.ZodType<PreviewAnswer>

const joinFields = {
  session_id: text,
  token: text.meta({ description: 'Secret: it authenticates you. Send it as "Authorization: Bearer …".' }),
  room: text,
  sender_id: text.meta({ description: 'Your name in the room.' }),
  cursor: seq,
  head: seq
    .meta({
      description: 'With since or last: messages up to this seq were said before you joined, and count as read.',
    })
    .exactOptional(),
  log: text.meta({ description: 'The id of the room log. If it changes, join again.' }),
  policy: z.enum(['hold', 'annotate']),
  observable: z
    .literal(true)
    .meta({ description: 'Observers of this room see drafts as they are written.' })
    .exactOptional(),
  recorded: z
    .literal(true)
    .meta({ description: 'What observers see is kept for a while, undone text too.' })
    .exactOptional(),
  listed: z.literal(true).meta({ description: 'The list of rooms shows this room, and who is in it.' }).exactOptional(),
}

export const joinResult = z.object(joinFields) satisfies z.ZodType<JoinResult>

export const resumeResult = z.object({ ...joinFields, suffix }) satisfies z.ZodType<ResumeResult>

export const whoResult = z.object({
  participants: z.array(
    z.object({
      sender_id: text,
      away: z.literal(true).meta({ description: 'No stream and no call for 30 s.' }).exactOptional(),
      writing: z
        .literal(true)
        .meta({ description: 'Its draft is not empty and changed within the last 60 s.' })
        .exactOptional(),
    }),
  ),
  floor: floor.exactOptional(),
  hushed: z
    .literal(true)
    .meta({ description: 'A person silences the participants that are not persons.' })
    .exactOptional(),
  watchers: z.int().min(1).meta({ description: 'How many watch the score of the room.' }).exactOptional(),
}) satisfies z.ZodType<WhoResult>

export const doneResult = z.object({ status: status(1) })

export const statusResult = z.object({ status: status(0, 1) })

export const roomsResult = z.object({
  rooms: z.array(
    z.object({
      room: z.string(),
      closed: z.boolean().meta({ description: 'Closed by an administrator: nobody may join.' }),
      participants: z.int().min(0),
      head: seq.meta({ description: 'The seq of its newest message.' }),
      floor: floor.exactOptional(),
      hushed: z.literal(true).meta({ description: 'Its models are silent until a person speaks.' }).exactOptional(),
      server: z.string().meta({ description: 'The server that has it, where there are several.' }).exactOptional(),
    }),
  ),
  silent: z
    .array(z.string())
    .meta({ description: 'Where there are several servers: those that did not answer. Their rooms are missing.' })
    .exactOptional(),
}) satisfies z.ZodType<RoomList>

export const participantsResult = z.object({
  participants: z.array(
    z.object({
      sender_id: z.string(),
      session_id: z.string().meta({ description: 'The id that logs use.' }),
      away: z.boolean(),
      writing: z.boolean(),
      streams: z.int().min(0).meta({ description: 'The number of its open streams.' }),
    }),
  ),
}) satisfies z.ZodType<{ readonly participants: readonly ParticipantInfo[] }>

export const closeResult = z.object({
  status: status(1),
  removed: z.int().min(0).meta({ description: 'The number of participants removed.' }),
})
