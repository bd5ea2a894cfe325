import { isAcknowledgement } from '../acknowledgement.ts'
import type { CoordinationPolicy } from './policy.ts'

const base = {
  room: { policy: 'annotate' },
  writes: 'any time',
  lease_ms: 120_000,
  reads: 'never',
  interruptedBy: message => !isAcknowledgement(message),
  maxInterruptions: 3,
  after: 'revise',
  retries: 0,
} as const satisfies Partial<CoordinationPolicy>

const whileWriting = { ...base, reads: 'while writing' } as const

/** The policies that are compared. The first is the default of rooms. */
export const policies = [
  {
    ...whileWriting,
    name: 'hold',
    about:
      'Reads while it writes and revises. The room holds a push that would cross a message; three holds earn the floor.',
    room: { policy: 'hold' },
  },
  {
    ...whileWriting,
    name: 'hold-without-floor',
    about: 'The same, in a room without a floor.',
    room: { policy: 'hold', holds_for_floor: Number.POSITIVE_INFINITY },
  },
  {
    ...whileWriting,
    name: 'hold-and-restart',
    about: 'As hold, but writes all of its text again after it has read, as an author who cannot revise.',
    room: { policy: 'hold' },
    after: 'restart',
  },
  {
    ...whileWriting,
    name: 'annotate',
    about: 'Reads while it writes and revises. The room sends each push and lists what it crossed.',
  },
  { ...base, name: 'blind-send', about: 'Reads before it writes, and sends what it has written.' },
  {
    ...base,
    name: 'check-then-send',
    about: 'Reads before it writes, and again once its text is finished: revises it, if need be, and sends it.',
    reads: 'at the end',
    retries: 1,
  },
  {
    ...base,
    name: 'regenerate',
    about:
      'If a message has arrived once its text is finished, writes all of it again, at most three times; then sends it.',
    reads: 'at the end',
    after: 'restart',
    retries: 3,
  },
  {
    ...base,
    name: 'lock',
    about: 'Takes a lock before it writes, in the order of requests, and reads once it has it.',
    writes: 'lock',
  },
  { ...base, name: 'turns', about: 'Writes in its turn alone. The turns go round.', writes: 'turns' },
] as const satisfies readonly CoordinationPolicy[]
