import * as z from 'zod'
import type { DraftEvent } from '../../draft/events.ts'
import { codePoints } from '../../draft/truncate.ts'

/** The rule of a parameter: completes the sentence "it must …". An error never repeats the value of a secret one. */
export interface ParameterRule {
  readonly must: string
  readonly secret?: boolean
}

/** The rule of each parameter, for error sentences. */
export const parameterRules = z.registry<ParameterRule>()

function parameter<S extends z.ZodType>(schema: S, rule: ParameterRule, description: string, shape: object = {}): S {
  const described = schema.meta({ description, ...shape })
  parameterRules.add(described, rule)
  return described
}

const seq = z.int().min(0)

/** Below the 300 s after which HTTP clients stop waiting for a response. */
const maxTimeoutMs = 240_000

const wait = (description: string) =>
  parameter(
    z
      .number()
      .min(0)
      .transform(ms => Math.min(ms, maxTimeoutMs)),
    { must: 'be a number of milliseconds, 0 or more' },
    `${description} In milliseconds; values above ${maxTimeoutMs} count as ${maxTimeoutMs}.`,
  )

export const text = parameter(
  z.string(),
  { must: 'be a string' },
  'The text to add to the draft. A text of more than 1000 characters is cut, and the result has the number of characters left out.',
)

export const key = parameter(
  z.string().refine(value => value !== '' && codePoints(value) <= 128),
  { must: 'be a string of 1 to 128 characters' },
  'An idempotency key: any string, new for each call. A repeated call with the same key has one effect and gets the first result.',
  { minLength: 1, maxLength: 128 },
)

export const after = parameter(
  seq,
  { must: 'be a whole number, 0 or more: the seq up to which you have all messages' },
  'The seq up to which you have all messages. A value below your cursor requests a lost result again.',
)

export const streamAfter = parameter(
  seq,
  { must: 'be a whole number, 0 or more: the seq after which your messages start' },
  'On a socket: the seq after which its messages start. Ignored elsewhere.',
)

export const on = parameter(
  z.boolean(),
  { must: 'be a boolean, true or false' },
  'True silences the models of the room until a person sends a message; false lets them send again.',
)

export const pushTimeout = wait('How long to wait while another participant has the floor. Default 25000.')
export const checkTimeout = wait('How long to wait for a message. Default 25000.')

export const meta = parameter(
  z
    .unknown()
    .refine(
      (value): value is Readonly<Record<string, unknown>> =>
        typeof value === 'object' && value !== null && !Array.isArray(value),
    )
    .transform(value => value as Readonly<Record<string, unknown>>),
  { must: 'be an object' },
  'Application data, passed through with the message unchanged: at most 2 KiB and 4 levels deep.',
  { type: 'object' },
)

export const content = parameter(
  z.string(),
  { must: 'be a string' },
  'The whole message. A message above the limit is an error; it is never cut.',
)

export const base = parameter(
  seq,
  { must: 'be a whole number, 0 or more: the seq up to which its author had all messages' },
  'The seq up to which its author had all messages when it decided to send. The push is judged by it.',
)

export const room = parameter(
  z.string(),
  { must: 'be a string' },
  'The room: 1 to 64 letters, digits, dots, underscores and hyphens, and not only dots. Default lobby.',
)

export const username = parameter(
  z.string(),
  { must: 'be a string' },
  'Your name in the room: 1 to 64 visible characters, no colon, not used by another participant.',
)

export const since = parameter(
  seq,
  { must: 'be a whole number, 0 or more: the seq after which reading starts' },
  'The seq after which reading starts, in a room with readable history. Default: now. What was said before the join counts as read and holds no push.',
)

export const last = parameter(
  seq,
  { must: 'be a whole number, 0 or more: how many of the last messages to read' },
  'Instead of since: how many of the last messages to read. You get fewer, or none, where the room does not show its history.',
)

export const secret = parameter(
  z.string().refine(value => new TextEncoder().encode(value).length >= 16),
  { must: 'be a string of at least 16 bytes', secret: true },
  'At least 16 random bytes as text, which you keep: a later join with it gets the same session again.',
  { minLength: 16 },
)

export const forMs = parameter(
  z.number().min(0),
  { must: 'be a number of milliseconds, 0 or more' },
  'How long the name may not be used in the room, in milliseconds. Default 600000.',
)

export const credential = parameter(
  z.string().refine(value => value.length <= 8192),
  { must: 'be a string of at most 8192 characters: your password or signed token', secret: true },
  'A password or signed token, if the server requires one. It is not stored.',
  { maxLength: 8192 },
)

export const person = parameter(
  z.boolean(),
  { must: 'be a boolean: true if you are a person' },
  'True if you are a person. A room that slows down models answering each other restarts its count with your messages.',
)

export const typingIndicator = parameter(
  z.boolean(),
  { must: 'be a boolean: false if others must not see when you write' },
  'False if others must not see when you write. Default true.',
)

export const writing = parameter(
  z.boolean(),
  { must: 'be a boolean: true while you write' },
  'True while your draft is not empty and changes, false when it is empty.',
)

export const token = parameter(
  z.string(),
  { must: 'be a string: the token that join returned', secret: true },
  'The token that join returned, on a socket that could not send it as a header.',
)

export const rev = parameter(
  seq,
  { must: 'be a whole number, 0 or more: the number of facts so far, these included' },
  'The number of facts since the draft was last sent whole, these included. After a gap, send the whole draft again.',
)

const isFact = (value: unknown) =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'

export const facts = parameter(
  z
    .array(z.unknown())
    .refine(values => values.every(isFact))
    // The members of a fact are read where it is shown. Facts of other types are ignored, but count.
    .transform(values => values as readonly DraftEvent[]),
  {
    must: 'be a list of facts, each an object with a type: appended with text and base, undone, reset, pushed with seq',
  },
  'The events of the draft, in order: appended, undone, reset, pushed. Facts of other types are ignored.',
  { items: { type: 'object', required: ['type'] } },
)
