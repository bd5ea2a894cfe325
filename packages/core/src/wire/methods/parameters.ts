import * as z from 'zod'
import type { DraftEvent } from '../../draft/events.ts'
import { codePoints } from '../../draft/truncate.ts'

/** What a parameter must be, as the end of a sentence, and whether it must not be repeated to anybody. */
export interface ParameterRule {
  readonly must: string
  readonly secret?: boolean
}

/** The demands of the parameters, for errors. */
export const parameterRules = z.registry<ParameterRule>()

function parameter<S extends z.ZodType>(schema: S, demand: ParameterRule, description: string, shape: object = {}): S {
  const described = schema.meta({ description, ...shape })
  parameterRules.add(described, demand)
  return described
}

const seq = z.int().min(0)

/** What reaches a server's other end within the time that connections are kept open for an answer. */
const maxTimeoutMs = 240_000

const wait = (description: string) =>
  parameter(
    z
      .number()
      .min(0)
      .transform(ms => Math.min(ms, maxTimeoutMs)),
    { must: 'be a number of milliseconds, 0 or more' },
    `${description} In milliseconds; at most ${maxTimeoutMs}, what is longer counts as that.`,
  )

export const text = parameter(
  z.string(),
  { must: 'be a string' },
  'What to add to the draft. Of more than 1000 characters the first ones are kept, and the answer says how many were not.',
)

export const key = parameter(
  z.string().refine(value => value !== '' && codePoints(value) <= 128),
  { must: 'be a string of 1 to 128 characters' },
  'Any string of your own, new for each attempt. The same again means the same call: it has one effect and gets the first answer again.',
  { minLength: 1, maxLength: 128 },
)

export const after = parameter(
  seq,
  { must: 'be a whole number, 0 or more: the seq up to which you have everything' },
  'The seq up to which you have everything. Below your cursor it asks for a lost answer again.',
)

export const streamAfter = parameter(
  seq,
  { must: 'be a whole number, 0 or more: the seq behind which your messages are to come' },
  'On a socket: the seq behind which its messages go on. Elsewhere it means nothing.',
)

export const pushTimeout = wait("How long to wait while somebody else has the floor; 25000 where it isn't said.")
export const checkTimeout = wait("How long to wait for a message; 25000 where it isn't said.")

export const meta = parameter(
  z
    .unknown()
    .refine(
      (value): value is Readonly<Record<string, unknown>> =>
        typeof value === 'object' && value !== null && !Array.isArray(value),
    )
    .transform(value => value as Readonly<Record<string, unknown>>),
  { must: 'be an object' },
  'For applications: carried with the message untouched, at most 2 KiB and 4 deep.',
  { type: 'object' },
)

export const content = parameter(
  z.string(),
  { must: 'be a string' },
  'The whole message. Never cut: too long is an error.',
)

export const base = parameter(
  seq,
  { must: 'be a whole number, 0 or more: the seq up to which its author had everything' },
  'The seq up to which its author had everything when it decided to send. The push is judged by it.',
)

export const room = parameter(
  z.string(),
  { must: 'be a string' },
  'Which room: 1 to 64 letters, digits, dots, underscores and hyphens; lobby where it is left out.',
)

export const username = parameter(
  z.string(),
  { must: 'be a string' },
  'Your name in the room: 1 to 64 characters, no colon, nobody else there has it.',
)

export const since = parameter(
  seq,
  { must: 'be a whole number, 0 or more: the seq behind which to begin reading' },
  'Where to begin reading, in a room that lets one read what was said before; now where it is left out.',
)

export const secret = parameter(
  z.string().refine(value => new TextEncoder().encode(value).length >= 16),
  { must: 'be a string of at least 16 bytes', secret: true },
  'At least 16 random bytes as text, kept by you: with it the same name is reached again at any time.',
  { minLength: 16 },
)

export const forMs = parameter(
  z.number().min(0),
  { must: 'be a number of milliseconds, 0 or more' },
  'For how long the name may not be used in the room. In milliseconds; ten minutes where it is left out.',
)

export const credential = parameter(
  z.string().refine(value => value.length <= 8192),
  { must: 'be a string of at most 8192 characters: what lets you in', secret: true },
  'What lets you in, where the server asks for it: a password, or a signed token. It is not kept.',
  { maxLength: 8192 },
)

export const person = parameter(
  z.boolean(),
  { must: 'be a boolean: true where you are a person' },
  'Say true where you are a person: a room that slows down models which answer each other begins anew with your messages.',
)

export const token = parameter(
  z.string(),
  { must: 'be a string: the token that join gave', secret: true },
  'The token that join gave, on a socket that could not send it as a header.',
)

export const rev = parameter(
  seq,
  { must: 'be a whole number, 0 or more: how many facts there were, these included' },
  'How many facts there were since the draft was told from its beginning, these included. After a gap tell it all again.',
)

const isFact = (value: unknown) =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'

export const facts = parameter(
  z
    .array(z.unknown())
    .refine(values => values.every(isFact))
    // What a type brings along is looked at where it is shown: facts of other types are passed over, but count.
    .transform(values => values as readonly DraftEvent[]),
  {
    must: 'be a list of facts, each an object with a type: appended with text and base, undone, reset, pushed with seq',
  },
  'What happened to the draft, in order: appended, undone, reset, pushed. Facts of other types are passed over.',
  { items: { type: 'object', required: ['type'] } },
)
